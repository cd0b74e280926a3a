/** Looks that must have seen nobody in a row until others count as gone. */
const QUIET_LOOKS = 10;
/** Writes a second that say nothing: our own that are under way, a heartbeat, a probe. */
const NOISE = 10;

/** What looks for others have come to. */
export interface Others {
  /** Looks in a row that saw nobody. */
  readonly quiet: number;
  /** What was written by the last look, by everybody and by us, and when that was. */
  readonly last: { readonly total: number; readonly ours: number; readonly atMs: number } | null;
}

/** Nobody was seen. */
export const NOBODY: Others = { quiet: QUIET_LOOKS, last: null };

/** Takes a look into account: what was written since the one before, and not by us. Pure. */
export function lookedAround(
  before: Others,
  total: number | null,
  ours: number,
  nowMs: number,
): Others {
  if (total === null) return before;
  const { last } = before;
  const seconds = last === null ? 1 : Math.max(1, (nowMs - last.atMs) / 1000);
  const theirs = last === null ? 0 : total - last.total - (ours - last.ours);
  return {
    quiet: theirs > NOISE * seconds ? 0 : before.quiet + 1,
    last: { total, ours, atMs: nowMs },
  };
}

/** Whether others are at work on this server. */
export function areAtWork({ quiet }: Others): boolean {
  return quiet < QUIET_LOOKS;
}
