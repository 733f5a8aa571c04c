// The Worker. The kernels are a static import, which every compatibility date allows; the model is loaded
// once, when the Worker starts, and every request uses the memory that it took then.
import { load } from "@odot/odot/edge";
import kernels from "./built/kernels.wasm";
import digits from "./built/digits.safetensors";
import page from "./page.html";
import { handler } from "./handler.ts";

const model = load(new Uint8Array(digits), { module: kernels, name: "digits.safetensors" });

export default { fetch: handler(model, page) };
