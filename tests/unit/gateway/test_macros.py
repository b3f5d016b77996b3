"""Pages stand on their macros: whole without script, readable by machines, explained in README."""

import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, UndefinedError, meta

import gateway
from gateway.colour import colour_css
from gateway.texts.jinja import install
from shared.policy import load_tenant, tenants_root
from shared.policy.authority import contrast_to_white
from tests.support.page_samples import SAMPLES, form, sample, shell

ROOT = Path(gateway.__file__).parent / "templates"
PAGES = sorted(
    str(file.relative_to(ROOT)) for file in ROOT.rglob("pages/**/*.html") if file.stem[0] != "_"
)
SHELL = {"shell", "title", "crumbs", "form"}
# What shell.html and the base pages import or set for those that extend them.
GIVEN = {"l", "f", "r", "options", "sentence", "loop", "lines"}
VOID = {"img", "input", "meta", "link", "br", "path", "circle"}


@pytest.fixture(scope="session")
def environment():
    made = Environment(loader=FileSystemLoader(ROOT), autoescape=True)
    install(made)
    return made


class Rendered(dict):
    """Each sample's page, drawn when it is first asked for."""

    def __init__(self, environment):
        super().__init__()
        self.environment = environment

    def __missing__(self, name):
        template, context = sample(name)
        self[name] = self.environment.get_template(template).render(**context)
        return self[name]

    def items(self):
        return [(name, self[name]) for name in SAMPLES]


@pytest.fixture(scope="session")
def rendered(environment):
    return Rendered(environment)


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.ids, self.labels, self.fields, self.links = [], [], set(), [], []
        self.headings, self.forms, self.described, self.scripts = [], [], [], []
        self.attributes = set()
        self.feed(html)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.attributes |= set(facts)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in facts:
            self.ids.append(facts["id"])
        if tag == "label":
            self.labels.add(facts["for"])
        if tag in {"input", "select", "textarea"} and facts.get("type") != "hidden":
            self.fields.append(facts)
        if tag == "a":
            self.links.append(facts["href"])
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag == "form":
            self.forms.append({"method": facts["method"], "fields": set()})
        if tag == "input" and facts.get("type") == "hidden" and self.forms:
            self.forms[-1]["fields"].add(facts["name"])
        if tag == "script":
            self.scripts.append(facts)
        self.described += facts.get("aria-describedby", "").split()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"closed twice: {tag}"
        assert self.open.pop() == tag, f"crossed: {tag}"


@pytest.fixture(scope="session")
def pages(rendered):
    """Every sample as it is read by a machine; one test judges them all, and names the page."""
    return {name: Page(rendered[name]) for name in SAMPLES}


def test_every_page_has_a_sample():
    assert {f"pages/{template}" for template, _ in SAMPLES.values()} | {
        "pages/case/case.html"
    } == set(PAGES)


def test_one_heading_of_the_first_rank_and_no_rank_is_skipped(pages):
    for name, page in pages.items():
        assert page.headings.count(1) == 1, name
        ranks = page.headings[page.headings.index(1) :]
        assert all(after - before <= 1 for before, after in pairwise(ranks)), name


def test_every_field_has_a_label(pages):
    for name, page in pages.items():
        assert {field["id"] for field in page.fields} == page.labels, name


def test_ids_are_unique_and_what_is_referred_to_is_there(pages):
    for name, page in pages.items():
        ids = set(page.ids)
        assert len(page.ids) == len(ids), name
        assert set(page.described) <= ids, name
        here = {link[1:] for link in page.links if link.startswith("#") and len(link) > 1}
        assert here <= ids, name


def test_every_form_posts_with_its_token(pages):
    for name, page in pages.items():
        for each in page.forms:
            assert each["method"] == "post", name
            assert "_csrf_token" in each["fields"], name


def test_nothing_needs_script_or_inline_style(pages):
    for name, page in pages.items():
        assert all("src" in each for each in page.scripts), name
        assert "style" not in page.attributes, name
        assert not any(attribute.startswith("on") for attribute in page.attributes), name
        assert not any(link.startswith("javascript:") for link in page.links), name


def test_every_field_in_a_form_may_be_left_to_nobodys_memory(pages):
    for name, page in pages.items():
        texts = [field for field in page.fields if field.get("type") == "text"]
        assert all(field["autocomplete"] == "off" for field in texts), name


def test_an_error_is_named_in_title_summary_and_field(rendered):
    html = rendered["contact"]
    assert "<title>Fel: Registrera kontakt – Utväg</title>" in html
    assert '<a href="#personal_number">Personnumret stämmer inte.' in html
    assert 'id="personal_number-error"' in html
    assert 'value="19950314-9801"' in html
    assert 'aria-invalid="true"' in html
    assert html.index('id="error-summary"') < html.index("<h1>")


def test_what_people_write_is_escaped(environment):
    template, context = sample("contact")
    text = "<script>alert(1)</script>\"'"
    context = context | {"form": form({"note": text, "given_name": text}, {"note": text})}
    html = environment.get_template(template).render(**context)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;" in html


def test_a_forgotten_variable_is_an_error(environment):
    template, context = sample("start")
    del context["must"]
    with pytest.raises(UndefinedError):
        environment.get_template(template).render(**context)


def test_text_that_keeps_its_lines_gets_none_from_the_template(rendered):
    for name, html in rendered.items():
        assert not re.search(r'(?:<dd|class="u-prewrap")[^>]*>\s', html), name
        assert not re.search(r"\s</dd>", html), name


def test_sentences_are_parted_by_a_space(rendered):
    for name, html in rendered.items():
        text = re.sub(
            r"<(?:script|code)\b.*?</(?:script|code)>|<[^>]*>", "\n", html, flags=re.DOTALL
        )
        assert not re.findall(r"[a-zåäö][.:;][A-ZÅÄÖ][a-zåäö]", text), name


def test_state_stands_in_words(rendered):
    assert "Hotnivå hög" in rendered["case-overview"]
    assert "2 dagar försenat" in rendered["start"]
    assert "om 3 dagar" in rendered["start"]


def test_a_case_that_has_left_says_so_and_offers_nothing(rendered):
    html = rendered["case-overview-left"]
    assert "Göteborg ansvarar." in html
    assert "inte ändras" in html
    assert "u-actions" not in html


def test_the_first_of_two_persons_is_not_offered_the_seconds_button(rendered):
    assert "Godkänn och skicka</button>" not in rendered["handover-6-same"]
    assert 'name="decision"' not in rendered["handover-6-same"]
    assert 'name="decision"' in rendered["handover-6"]
    assert 'name="decision"' not in rendered["second-same"]


def test_the_inbox_shows_neither_person_nor_case_name(rendered):
    assert "Påhittad" not in rendered["inbox"]
    assert "Lärka" not in rendered["inbox"]


def test_a_local_officer_is_told_who_sets_a_high_threat(rendered):
    assert 'value="HIGH"' not in rendered["room-local"]
    assert "Sätts bara av Bops" in rendered["room-local"]
    assert 'value="HIGH"' in rendered["room"]


def test_no_code_is_left_without_words(rendered):
    for name, html in rendered.items():
        text = re.sub(r"<(style|script|code)\b.*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL)
        assert not re.findall(r"\b(?:[a-z]+_[a-z_]+|[A-Z]{3,}_[A-Z_]+)\b", text), name


def test_a_session_near_its_end_is_told(rendered):
    assert "Du loggas ut om 3 minuter" in rendered["national"]
    assert "Du loggas ut om mindre än en minut" in rendered["national-empty"]


def test_signed_out_there_is_no_menu(rendered):
    assert "Huvudmeny" not in rendered["sign-in"]
    assert "Logga ut</button>" not in rendered["sign-in"]


def test_at_most_five_menu_items_in_the_samples():
    assert len(shell()["menu"]) <= 5


@pytest.fixture(scope="session")
def taken_by(environment):
    """The variables that a template's source takes; the base pages are parsed once."""
    return cache(lambda source: meta.find_undeclared_variables(environment.parse(source)))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_at_its_top_what_it_takes(taken_by, name):
    source = (ROOT / name).read_text(encoding="utf-8")
    used = re.findall(r'{% (?:extends|include) "(pages/[^"]+)"', source)
    chain = [source, *((ROOT / other).read_text(encoding="utf-8") for other in used)]
    comments = " ".join(re.match(r"\{#(.*?)#\}|", text, re.DOTALL)[1] or "" for text in chain)
    taken = set.union(*map(taken_by, chain))
    made = set(re.findall(r"{% set (\w+)", " ".join(chain)))
    for variable in taken - SHELL - GIVEN - made:
        assert re.search(rf"\b{variable}\b", comments), variable


def test_the_readme_repeats_each_comment():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ["shell.html", "macros/forms.html", *PAGES]:
        comment = re.match(r"\{#(.*?)#\}", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        assert f"## `{name}`" in readme
        assert " ".join(comment[1].split()) in readme, name


@pytest.mark.parametrize("code", ["0580", "1480", "0581", "9001", "9002", "9003", "9004"])
def test_white_is_readable_on_every_colour_of_the_authority(code):
    css = colour_css(load_tenant(tenants_root() / code).authority)
    for name in ("u-authority", "u-authority-dark", "fkds-color-action-background-primary-hover"):
        assert contrast_to_white(re.search(rf"--{name}:(#[0-9a-f]{{6}});", css)[1]) >= 4.5
