// Asks the SPARQL endpoint whose address is given, knowing nothing else of it; prints answers and requests as JSON.
import { QueryEngine } from "@comunica/query-sparql";

const [address, ...queries] = process.argv.slice(2);
const requests = [];

async function fetchAndNote(input, init) {
  const { method, url, headers } = new Request(input, init);
  const response = await fetch(input, init);
  requests.push({ method, url, accept: headers.get("accept"), status: response.status });
  return response;
}

const term = ({ value, language, datatype }) => [value, language || datatype?.value || ""];
const readers = {
  bindings: async (rows) => (await rows.toArray()).map((row) =>
    Object.fromEntries([...row].map(([name, bound]) => [name.value, term(bound)]))),
  boolean: async (answer) => answer,
  quads: async (quads) => (await quads.toArray()).map((quad) =>
    [quad.subject.value, quad.predicate.value, quad.object.value]).sort(),
};

const engine = new QueryEngine();
const answers = [];
for (const query of queries) {
  const answer = await engine.query(query, { sources: [address], fetch: fetchAndNote });
  answers.push(await readers[answer.resultType](await answer.execute()));
}
console.log(JSON.stringify({ answers, requests }));
