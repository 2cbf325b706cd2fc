"""The page to step through, in a real Chromium where there is one, and its code in node."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from gc import collect
from html import unescape
from html.parser import HTMLParser

import pytest

import gradcalc as gc
from gradcalc.language.formula import Function, Name
from gradcalc.show.layout import placed

EXAMPLE = "(a*b + c)*f", {"a": 2, "b": -3, "c": 10, "f": -2}
BRANCHES = (
    "L = if(x > 0, sqrt(x)*x^y, x^2) + clamp(x, 0, 1); h = tanh(L*w + b); h^2 + L*sin(h) + max(x, y, h) + x*x",
    {"x": 2, "y": 0.5, "w": 0.3, "b": -0.1},
)


def page(text, point, **more):
    return gc.explain(text, point, **more).page()


def data_of(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])


class Tags(HTMLParser):
    """Every tag of a page, and what the scripts hold."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


# ---- the file


def test_the_page_is_one_file_without_network():
    text = page(*EXAMPLE)
    assert len(text) < 60_000
    assert "default-src 'none'" in text
    for tag, attributes in Tags(text).tags:
        assert tag not in ("img", "iframe", "object", "base")
        assert not attributes.keys() & {"src", "srcset", "action", "onclick", "onload"}
        assert tag != "link" or attributes["href"] == "data:,"
    assert not re.search(r"https?:|@import|url\(", text)


def test_the_table_is_there_without_javascript():
    text = unescape(page(*EXAMPLE))
    assert "<code>dout/da = dout/dv1 * dv1/da = -2 * (-3) = 6</code>" in text
    assert "out = -8, dout/df = 4, dout/dc = -2, dout/db = -4, dout/da = 6" in text
    assert "certified: the doubles nearest to the exact numbers" in text


def test_a_convention_is_not_called_certified():
    text = page("abs(x)", {"x": 0})
    assert "not differentiable" in text
    assert "certified: the doubles" not in text


def test_names_stay_text():
    evil = "</script><script>alert(1)</script>'\"&"
    formula = gc.parse("x*y + x").subs(x=Name(evil))
    pages = page(formula, {evil: 2, "y": 3}), page("x*y + x", {"x": 2, "y": 3})
    tags, plain = ([tag for tag, _ in Tags(each).tags if tag != "title"] for each in pages)  # of texts that are cut
    assert tags == plain
    text = page(formula, {evil: 2, "y": 3})
    assert "alert(1)<" not in text
    assert "</script><script>alert" not in text


def test_a_large_graph_is_cut_with_a_word():
    text = " + ".join(f"x*{i}" for i in range(1, 160))
    found = page(text, {"x": 0.1})
    assert "The graph has 18 more nodes; the 300 nearest to the result are drawn." in found
    assert len(data_of(found)["nodes"]) == 300
    assert len(found) < 500_000


@pytest.mark.parametrize(("text", "point"), [("2 + 3", {}), ("x*1e400", {"x": "1e-400"})])
def test_where_there_is_nothing_to_step_through_the_table_stays(text, point):
    assert page(text, point).startswith("<table>")


def test_several_formulas_in_a_file_are_tables(tmp_path):
    from gradcalc import cli

    (tmp_path / "f.txt").write_text("x^2\nx*3\n")
    assert cli.main(["-f", str(tmp_path / "f.txt"), "--at", "x=2", "--explain", "-o", str(tmp_path / "o.html")]) == 0
    assert (tmp_path / "o.html").read_text().count("<table>") == 2
    assert cli.main(["x^2", "x=2", "--explain", "-o", str(tmp_path / "o.html")]) == 0
    assert (tmp_path / "o.html").read_text().startswith("<!DOCTYPE html>")


def test_boxes_lie_apart_and_curves_lead_from_box_to_box():
    edges = [(3, 0), (3, 1), (4, 3), (4, 0), (5, 4), (5, 2), (5, 0)]
    found = placed(6, edges)
    wide, high = found.box
    for i, (x, y) in enumerate(found.boxes):
        assert 0 < x < x + wide < found.width + 1
        assert 0 < y < y + high < found.height + 1
        assert all(abs(x - u) >= wide or abs(y - v) >= high for u, v in found.boxes[:i])
    for (above, below), curve in zip(edges, found.curves, strict=True):
        numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", curve)]
        assert numbers[0] == found.boxes[below][0] + wide
        assert numbers[-2] == found.boxes[above][0]


# ---- its numbers: all rows of the table


def at_rows():
    for row in gc.TABLE.values():
        if not row.partials or row.condition:
            continue
        names = "xyz"[: len(row.params)]
        point = {name: low + 0.6 * (high - low) for name, (low, high) in zip(names, row.sample * 3, strict=False)}
        params = [Name(name) for name in names]
        for k, name in enumerate(names):
            if not row.variadic and row.partials[k] is None:
                params[k] = gc.parse(repr(point.pop(name)))
        yield row.name, gc.language.formula.Call(row, tuple(params)), point


def test_every_row_has_its_page_and_its_numbers(tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("node is not here")
    scripts, expected, without = [], [], []
    for name, formula, point in at_rows():
        text = page(formula, point)
        nodes = data_of(text)["nodes"]
        code = re.search(r'"use strict";\n(.*?)const lesson', text, re.S)[1]
        if "function computed" not in code:
            without.append(name)
            assert "The inputs stay as they are: javascript has no function" in text
            assert all(each["start"][0] is not None for each in nodes)
            continue
        value, gradient = gc.value_and_grad(formula, point)
        scripts.append(f"(() => {{ {code} return computed({', '.join(map(repr, point.values()))}); }})()")
        expected.append((name, [*point, nodes[-1]["label"]], [*gradient.values(), 1.0], [*point.values(), value]))
    (tmp_path / "all.js").write_text(f"for (const f of [{','.join(scripts)}]) console.log(JSON.stringify(f))")
    done = subprocess.run([node, "all.js"], cwd=tmp_path, capture_output=True, text=True, check=True)
    for line, (name, labels, gradient, values) in zip(done.stdout.splitlines(), expected, strict=True):
        found = json.loads(line)
        assert len(labels) == len(found["values"])
        for one, other in zip(found["values"] + found["adjoints"], values + gradient, strict=True):
            assert math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12), name
    assert len(expected) > 70
    assert len(without) < len(expected) / 5
    assert not {"erf", "gamma", "digamma", "lambertw", "gammainc", "Ei", "ellipk"} & set(without)


# ---- in a browser


@pytest.fixture(scope="module")
def browser():
    selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not here")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("Chromium is not here")
    options = selenium.ChromeOptions()
    options.binary_location = chromium
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = selenium.Chrome(options=options, service=selenium.ChromeService(driver))
    yield found
    found.quit()
    del found
    collect()  # what it leaves takes long to go, and is not to go in the midst of another test


@pytest.fixture
def opened(browser, tmp_path):
    def open_page(text):
        (tmp_path / "lesson.html").write_text(text, "utf-8")
        browser.get(f"file://{tmp_path}/lesson.html")
        return browser

    yield open_page
    assert browser.get_log("browser") == []


def press(browser, key):
    browser.execute_script(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0], bubbles: true}))", key
    )


def text_of(browser, name):
    return browser.execute_script("return document.getElementById(arguments[0]).textContent", name)


def click(browser, name):
    browser.execute_script("document.getElementById(arguments[0]).click()", name)


def numbers(browser):
    return browser.execute_script(
        "return lesson.nodes.map((n, i) => [n.label, lesson.now.values[i], lesson.now.adjoints[i]])"
    )


def test_steps_forward_and_backward(opened):
    browser = opened(page(*EXAMPLE))
    assert "The inputs are given" in text_of(browser, "step")
    click(browser, "next")
    assert text_of(browser, "step") == text_of(browser, "say") == "Forward: v1 = a * b = -6"
    shown = browser.execute_script("return [...document.querySelectorAll('.node.used, .node.now')].map(n => n.id)")
    assert shown == ["n0", "n1", "n4"]
    for _ in range(8):
        press(browser, "ArrowRight")
    assert "local derivative: dv1/db = a = 2" in text_of(browser, "step")
    assert "dout/db = dout/dv1 * dv1/db = -2 * 2 = -4" in text_of(browser, "step")
    row = browser.execute_script("return [...document.querySelector('#table tr.now').cells].map(c => c.textContent)")
    assert row == ["b", "input", "-3", "dv1/db = a = 2", "dout/db = dout/dv1 * dv1/db = -2 * 2 = -4"]
    press(browser, "ArrowLeft")
    assert "Backward: v1" in text_of(browser, "step")
    press(browser, "Home")
    assert text_of(browser, "where") == "step 0 of 10"
    press(browser, "End")
    explained = {row.node: row for row in gc.explain(*EXAMPLE).rows}
    for label, value, gradient in numbers(browser):
        assert (value, gradient) == (explained[label].value.number, explained[label].gradient.number)
    press(browser, " ")
    assert text_of(browser, "play") == "Pause"
    click(browser, "play")


def test_where_a_derivative_in_the_formula_has_no_value_the_sliders_show_none(opened):
    browser = opened(page("a*diff(log(x), x)", {"a": 3, "x": 2}))
    script = (
        "const f = document.getElementById('f1'); f.value = arguments[0]; f.dispatchEvent(new Event('input'));"
        "return [lesson.now.values.at(-1), document.getElementById('trouble').textContent]"
    )
    assert browser.execute_script(script, "4") == [0.75, ""]
    assert browser.execute_script(script, "-4") == [None, "out has no value at these inputs"]  # though 3/-4 is a number
    assert browser.execute_script(script, "8") == [0.375, ""]


@pytest.mark.parametrize("x", [2.0, -1.5])
def test_inputs_recompute_the_graph(opened, x):
    text, point = BRANCHES
    browser = opened(page(text, point))
    click(browser, "last")
    script = (
        "const f = document.getElementById(arguments[0]); f.value = arguments[1]; f.dispatchEvent(new Event('input'))"
    )
    browser.execute_script(script, "f0", str(x))
    browser.execute_script(script, "s3", "0.125")
    moved = point | {"x": x, "b": 0.125}
    explained = {row.node: row for row in gc.explain(text, moved).rows}
    found = {label: (value, gradient) for label, value, gradient in numbers(browser)}
    value, gradient = gc.value_and_grad(text, moved)
    assert math.isclose(found["out"][0], value, rel_tol=1e-12)
    for name, partial in gradient.items():
        assert math.isclose(found[name][1], partial, rel_tol=1e-12)
    assert math.isclose(found["L"][1], explained["L"].gradient.number, rel_tol=1e-12)
    assert "not taken" in text_of(browser, "table")
    click(browser, "reset")
    assert {n: v for n, v, _ in numbers(browser)}["x"] == 2


@pytest.mark.parametrize(("typed", "read"), [("1/4", 0.25), ("-.5", -0.5), ("2e-3", 0.002), ("−3", -3)])
def test_an_input_is_read_as_it_is_typed(opened, typed, read):
    browser = opened(page(*EXAMPLE))
    field = browser.find_element("id", "f0")
    field.clear()
    field.send_keys(typed)
    assert browser.execute_script("return lesson.point[0]") == read
    assert (field.get_attribute("aria-invalid"), text_of(browser, "trouble")) == ("false", "")


@pytest.mark.parametrize("typed", ["3,5", "two", "1e400", "2+", "0x10"])
def test_an_input_that_is_no_number_is_told_and_changes_nothing(opened, typed):
    browser = opened(page(*EXAMPLE))
    field = browser.find_element("id", "f0")
    browser.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))", field, typed
    )
    assert browser.execute_script("return lesson.point[0]") == EXAMPLE[1]["a"]
    assert (field.get_attribute("aria-invalid"), text_of(browser, "trouble")) == (
        "true", "a: write a number, such as -4, 0.25 or 1/4; shown is a = 2",
    )  # fmt: skip
    browser.execute_script("lesson.change(1, 5)")
    assert text_of(browser, "trouble").startswith("a: write a number")
    click(browser, "reset")
    assert (field.get_attribute("value"), text_of(browser, "trouble")) == ("2", "")


def test_what_has_no_value_is_said(opened):
    browser = opened(page("log(x)*y", {"x": 2, "y": 3}))
    browser.execute_script("lesson.change(0, -1)")
    assert "v1 has no value at these inputs" in text_of(browser, "trouble")
    browser.execute_script("lesson.change(0, 1)")
    assert text_of(browser, "trouble") == ""


def test_practice_explains_a_wrong_answer(opened):
    browser = opened(page(*EXAMPLE))
    click(browser, "practise")

    def answer(text):
        browser.execute_script(
            "document.getElementById('answer').value = arguments[0]; document.getElementById('ask').requestSubmit()",
            text,
        )
        return text_of(browser, "step")

    assert text_of(browser, "question") == "dout/df ="
    assert not browser.find_element("id", "given").is_displayed()
    assert browser.execute_script("return document.querySelectorAll('.grad')[3].textContent") == ""
    assert "the sign is flipped" in answer("-4")
    assert "that is the value of f" in answer("-2")
    assert "answer with a number" in answer("four")
    assert "Right. dout/df = v2 = 4" in answer("8/2")
    answer("-2")
    answer("-2")
    assert text_of(browser, "question") == "dout/dv1 ="
    assert "that is the local derivative dv2/dv1 alone; multiply it by dout/dv2" in answer("1")
    click(browser, "hint")
    assert "v1 acts through v2" in text_of(browser, "step")
    click(browser, "skip")
    assert "It is dout/dv1 = dout/dv2 * dv2/dv1 = -2 * 1 = -2" in text_of(browser, "step")
    answer("-4")
    assert "That was the last gradient" in answer("6")


def test_hostile_names_and_functions_that_javascript_lacks(opened):
    evil = "<script>document.title = 'x'</script>\"'"
    browser = opened(page(gc.parse("x*y + sin(x)").subs(x=Name(evil)), {evil: 2, "y": 3}))
    click(browser, "last")
    assert numbers(browser)[0][0] == evil
    assert browser.title != "x"
    browser = opened(page("besselj(0, x)*x", {"x": 1}))
    assert browser.execute_script("return document.getElementById('f0').disabled")
    click(browser, "last")
    assert math.isclose(numbers(browser)[0][2], gc.grad("besselj(0, x)*x", {"x": 1})["x"], rel_tol=1e-12)


def test_a_function_of_the_users_own(opened):
    cube = Function("cube(x)", value=lambda x: x**3, definition="x^3", partials=("3*x^2",), sample=((-2, 2),))
    browser = opened(page(gc.parse("cube(t)*2", functions=[cube]), {"t": 2}))
    assert {n: g for n, _, g in numbers(browser)}["t"] == 24
