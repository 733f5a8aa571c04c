/**
 * Puts a test run on two threads, products of any size among them:
 * `deno test -A --preload=tests/support/two_threads.ts tests`.
 *
 * @module
 */
import { configure, info } from "../../src/kernels/mod.ts";
import { shareFrom } from "../../src/kernels/matmul.ts";

configure({ threads: 2 });
shareFrom(0);
if (info().threads !== 2) throw new Error(`Cannot test two threads: ${info().threadsReason}`);
