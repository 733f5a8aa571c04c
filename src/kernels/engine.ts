interface Host {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  readonly navigator?: { readonly userAgent?: string };
}

/**
 * Which micro-kernels of the matrix product suit the engine: V8 before version 13 (Node 22, Chrome 129)
 * spills the registers of an unrolled one. Only speed hangs on it: both give the same bits.
 */
export function microKernelsFor({ process, navigator }: Host): "unrolled" | "rolled" {
  const { v8, bun } = process?.versions ?? {};
  if (bun !== undefined) return "unrolled";
  // Chrome's major version is ten times V8's
  const chrome = /Chrom(?:e|ium)\/(\d+)/.exec(navigator?.userAgent ?? "")?.[1];
  const version = v8 !== undefined ? parseInt(v8) : chrome !== undefined ? Number(chrome) / 10 : 13;
  return version < 13 ? "rolled" : "unrolled";
}
