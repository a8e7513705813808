// Long queries in a link: deflated and written with the letters of addresses, in the part that is not sent to a server.
const MARK = "#packed=";
/** A query that is unpacked may not be longer than this, however short its link is. */
const LONGEST = 200_000;

async function through(bytes, stream) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > LONGEST) {
      await reader.cancel();
      throw new RangeError("too long");
    }
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Return a query as the fragment of an address. */
export async function pack(query) {
  const bytes = await through(new TextEncoder().encode(query), new CompressionStream("deflate-raw"));
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return MARK + letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Return the query in the fragment of an address; nothing if there is none, or it is damaged. */
export async function unpack(fragment) {
  if (!fragment.startsWith(MARK)) return undefined;
  try {
    const letters = fragment.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(await through(bytes, new DecompressionStream("deflate-raw")));
  } catch {
    return undefined;
  }
}
