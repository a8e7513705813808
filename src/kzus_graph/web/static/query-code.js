// The query as code that runs as it stands, in four languages.
const TABLE = "application/sparql-results+json";

const python = (query) => (/"""|\\$/.test(query) ? JSON.stringify(query) : `r"""\n${query}\n"""`);
const script = (query) => "`" + query.replace(/[\\`]|\$\{/g, "\\$&") + "`";

function r(query) {
  let dashes = "";
  while (query.includes(`)${dashes}"`)) dashes += "-";
  return `r"${dashes}(\n${query}\n)${dashes}"`;
}

const WRITERS = {
  curl: (endpoint, query, graph) => {
    let end = "SPARQL";
    while (query.split("\n").includes(end)) end += "_";
    return `curl --get '${endpoint}' \\
  --header 'Accept: ${graph ? "text/turtle" : "text/csv"}' \\
  --data-urlencode query@- <<'${end}'
${query}
${end}`;
  },
  python: (endpoint, query, graph) => `${graph ? "" : "import json\n"}from urllib.parse import urlencode
from urllib.request import Request, urlopen

query = ${python(query)}
request = Request(
    "${endpoint}",
    data=urlencode({"query": query}).encode(),
    headers={"Accept": "${graph ? "text/turtle" : TABLE}"},
)
with urlopen(request) as answer:
${graph ? "    print(answer.read().decode())" : `    found = json.load(answer)
if "boolean" in found:
    print(found["boolean"])
for row in found.get("results", {"bindings": []})["bindings"]:
    print({name: term["value"] for name, term in row.items()})`}`,
  r: (endpoint, query, graph) => `library(httr2)

query <- ${r(query)}
answer <- request("${endpoint}") |>
  req_headers(Accept = "${graph ? "text/turtle" : "text/csv"}") |>
  req_body_form(query = query) |>
  req_perform()
${graph ? "cat(resp_body_string(answer))" : "print(read.csv(text = resp_body_string(answer)))"}`,
  javascript: (endpoint, query, graph) => `const query = ${script(query)};
const answer = await fetch("${endpoint}", {
  method: "POST",
  headers: { Accept: "${graph ? "text/turtle" : TABLE}" },
  body: new URLSearchParams({ query }),
});
console.log(${graph ? "await answer.text()" : "JSON.stringify(await answer.json(), null, 1)"});`,
};

/** Return code that asks the query; of a graph or of rows. */
export function code(language, endpoint, query, graph) {
  return WRITERS[language](endpoint, query.trim(), graph);
}
