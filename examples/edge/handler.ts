// What the Worker answers: plain functions of a request, so that tests can call them without one.
import type { EdgeModel } from "@odot/odot/edge";

const SIDE = 28, PIXELS = SIDE * SIDE;

/** Longest body that is read: 784 numbers as JSON, with room. */
const LONGEST = 16_384;

const ALLOWED = "GET, HEAD, POST, OPTIONS";

/** Any page may ask. */
const headers = { "access-control-allow-origin": "*" };
const preflight = {
  ...headers,
  "access-control-allow-methods": ALLOWED,
  "access-control-allow-headers": "content-type",
};

/** What a digit was taken for, and why. */
export interface Answer {
  /** The digit. */
  readonly class: number;
  /** One for each digit. */
  readonly logits: number[];
  /** Which digit is explained. */
  readonly explained: number;
  /** What the eigenvectors add to its logit, the largest first. */
  readonly eigenfeatures: {
    readonly index: number;
    readonly eigenvalue: number;
    readonly activation: number;
    readonly contribution: number;
  }[];
  /** What the other eigenvectors add, with the linear and the constant part. */
  readonly remainder: number;
}

/** A handler of requests: GET a page to draw on, POST a digit. */
export function handler(model: EdgeModel, page: string): (request: Request) => Promise<Response> {
  const pixels = new Float32Array(PIXELS);
  return async (request) => {
    const { method } = request, { pathname, searchParams } = new URL(request.url);
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: preflight });
    if (method !== "GET" && method !== "HEAD" && method !== "POST") {
      return refusal(405, `Cannot ${method}: GET a page, or POST a digit`, { allow: ALLOWED });
    }
    if (method !== "POST" && pathname === "/eigenvectors") return vectors(model, searchParams);
    if (pathname !== "/") {
      return refusal(404, `There is no ${pathname}: GET / or /eigenvectors, or POST a digit to /`);
    }
    if (method !== "POST") {
      return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
    }
    const body = await read(request);
    if (!body) return refusal(413, `Cannot read the digit: send at most ${LONGEST} bytes`);
    try {
      // no await from here on: requests share the model's memory
      fill(pixels, body);
      const wanted = searchParams.get("explain");
      return Response.json(answer(model, pixels, wanted === null ? undefined : whole(wanted)), {
        headers,
      });
    } catch (error) {
      return refusal(400, (error as Error).message);
    }
  };
}

/** The body of a request, or nothing if it is too long, of which no more is read. */
async function read({ headers, body }: Request): Promise<Uint8Array | undefined> {
  if (Number(headers.get("content-length") ?? 0) > LONGEST) return undefined;
  let bytes = new Uint8Array(0);
  for await (const part of body ?? []) {
    if (bytes.length + part.length > LONGEST) return undefined;
    bytes = bytes.length === 0 ? part : Uint8Array.of(...bytes, ...part);
  }
  return bytes;
}

/** Pixels from 0 to 1 of 784 bytes, or of JSON with 784 numbers from 0 to 255. */
function fill(pixels: Float32Array, body: Uint8Array): void {
  const values = body.length === PIXELS ? body : parsed(body);
  if (values.length !== PIXELS) throw unreadable(`it has ${values.length} numbers`);
  for (let i = 0; i < PIXELS; i++) {
    const value = values[i];
    if (!(typeof value === "number" && value >= 0 && value <= 255)) {
      throw unreadable(`value ${i} is ${JSON.stringify(value).slice(0, 40)}`);
    }
    pixels[i] = value / 255;
  }
}

function parsed(body: Uint8Array): ArrayLike<unknown> {
  let values: unknown;
  try {
    values = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw unreadable(`its ${body.length} bytes are no JSON`);
  }
  if (!Array.isArray(values)) throw unreadable("it is JSON, but no list");
  return values;
}

function unreadable(what: string): TypeError {
  return new TypeError(
    `Cannot read the digit: ${what}; send ${PIXELS} bytes, or JSON with ${PIXELS} numbers from 0 to 255`,
  );
}

/** The number that digits spell, or NaN: no text is no 0. */
function whole(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

function answer(model: EdgeModel, pixels: Float32Array, wanted: number | undefined): Answer {
  const found = model.explain(pixels, wanted === undefined ? undefined : { output: wanted });
  return {
    class: found.prediction,
    logits: [...found.logits],
    explained: found.output,
    eigenfeatures: [...found.evidence],
    remainder: found.remainder + found.linear + found.constant,
  };
}

/** The eigenvectors of one digit, for the page to draw: rows of 784 numbers. */
function vectors(model: EdgeModel, parameters: URLSearchParams): Response {
  const text = parameters.get("class") ?? "0", digit = whole(text);
  if (!(digit < model.outputs)) {
    return refusal(400, `There is no class "${text}": 0 to ${model.outputs - 1}`);
  }
  const rows = Array.from(
    { length: model.eigenvectors },
    (_, index) => Array.from(model.eigenvector(digit, index), (value) => +value.toFixed(4)),
  );
  return Response.json(rows, { headers: { ...headers, "cache-control": "max-age=3600" } });
}

function refusal(
  status: number,
  error: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ error }, { status, headers: { ...headers, ...more } });
}
