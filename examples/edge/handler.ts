// What the Worker answers: plain functions of a request, so that tests can call them without one.
import type { EdgeModel } from "@odot/odot/edge";

const SIDE = 28, PIXELS = SIDE * SIDE;

/** Longest body that is read: 784 numbers as JSON, with room. */
const LONGEST = 16_384;

const headers = { "access-control-allow-origin": "*" };

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
    const url = new URL(request.url);
    if (request.method === "GET" && url.pathname === "/eigenvectors") return vectors(model, url);
    if (request.method === "GET") {
      return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
    }
    if (request.method !== "POST") return refusal(405, "GET a page, or POST a digit");
    if (Number(request.headers.get("content-length") ?? 0) > LONGEST) return tooLong();
    const body = new Uint8Array(await request.arrayBuffer());
    if (body.length > LONGEST) return tooLong();
    const wanted = url.searchParams.get("explain");
    try {
      // no await from here on: requests share the model's memory
      fill(pixels, body);
      return Response.json(answer(model, pixels, wanted === null ? undefined : Number(wanted)), {
        headers,
      });
    } catch (error) {
      return refusal(400, (error as Error).message);
    }
  };
}

/** Pixels from 0 to 1 of 784 bytes, or of JSON with 784 numbers from 0 to 255. */
function fill(pixels: Float32Array, body: Uint8Array): void {
  const values: unknown = body.length === PIXELS
    ? body
    : JSON.parse(new TextDecoder().decode(body));
  const list = values instanceof Uint8Array || Array.isArray(values) ? values : [];
  if (list.length !== PIXELS || !list.every((value) => typeof value === "number")) {
    throw new TypeError("Cannot read the digit: send 784 bytes, or JSON with 784 numbers 0 to 255");
  }
  for (let i = 0; i < PIXELS; i++) pixels[i] = list[i]! / 255;
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
function vectors(model: EdgeModel, url: URL): Response {
  const digit = Number(url.searchParams.get("class") ?? "0");
  if (!(Number.isInteger(digit) && digit >= 0 && digit < model.outputs)) {
    return refusal(400, `There is no class ${digit}`);
  }
  const rows = Array.from(
    { length: model.eigenvectors },
    (_, index) => Array.from(model.eigenvector(digit, index), (value) => +value.toFixed(4)),
  );
  return Response.json(rows, { headers: { ...headers, "cache-control": "max-age=3600" } });
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status, headers });
}

function tooLong(): Response {
  return refusal(413, `Send at most ${LONGEST} bytes`);
}
