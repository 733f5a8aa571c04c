import type { Terminal } from "./terminal.ts";

/** What a bar shows. */
export interface BarState {
  /** What is going on: `epoch 3/10`. */
  readonly label: string;
  /** Share of the work that is done, 0 to 1. */
  readonly share: number;
  /** More about it, the most important first; what does not fit is left out. */
  readonly details: readonly string[];
}

/** Widest bar, characters. */
const WIDEST = 40;

/** One line of at most `columns` − 1 characters: label, bar, share, and the details that fit. */
export function barLine({ label, share, details }: BarState, columns: number): string {
  const room = Math.max(1, columns - 1);
  const part = Math.max(0, Math.min(1, share || 0));
  const percent = `${String(Math.floor(100 * part)).padStart(3)}%`;
  const tail = [percent];
  for (const detail of details) {
    if ([label, ...tail, detail].join("  ").length + 12 > room) break;
    tail.push(detail);
  }
  const rest = tail.join("  ");
  const width = Math.min(WIDEST, room - label.length - rest.length - 4);
  if (width < 4) return [...`${label}  ${percent}`].slice(0, room).join("");
  const full = Math.round(width * part);
  return `${label}  ${"━".repeat(full)}${"─".repeat(width - full)}  ${rest}`;
}

/** Minutes and seconds: `1:05`, with hours from one on. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const end = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${end}` : `${minutes}:${end}`;
}

/** Least time between two drawings, milliseconds. */
const PAUSE = 100;

/** A bar on the terminal, drawn at most ten times a second; silent where there is no terminal. */
export interface Progress {
  /** Shows a state, unless the last drawing was just now. */
  show(state: () => BarState): void;
  /** Removes the bar. */
  clear(): void;
}

/** The bar of a terminal. */
export function progressOf(
  { live }: Terminal,
  now: () => number = () => performance.now(),
): Progress {
  let last = -Infinity;
  return {
    show: (state) => {
      if (!live || now() - last < PAUSE) return;
      last = now();
      live.draw(barLine(state(), live.columns()));
    },
    clear: () => live?.clear(),
  };
}
