/** Packages of the peers that bundles and cold starts are compared with, as npm installs them. */
export const PEER_PACKAGES: Readonly<Record<string, string>> = {
  "@jax-js/jax": "0.1.25",
  "@tensorflow/tfjs": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "onnxruntime-web": "1.30.0",
};
