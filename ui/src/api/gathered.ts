// Collects what comes within a moment, so that many facts cause one reading.

/**
 * `act` gets each thing once. What comes while it is at work waits until it is done and a moment has passed: under a
 * flood the page asks as fast as it is answered and no faster.
 */
export function gathered(
  act: (things: readonly string[]) => Promise<unknown>,
  milliseconds: number,
): (thing: unknown) => void {
  const waiting = new Set<string>();
  let isAtWork = false;
  const work = async () => {
    const things = [...waiting];
    waiting.clear();
    await act(things).catch(() => {}); // Whoever asks deals with it; the next moment comes all the same.
    if (waiting.size > 0) setTimeout(work, milliseconds);
    else isAtWork = false;
  };
  return (thing) => {
    waiting.add(typeof thing === "string" ? thing : JSON.stringify(thing));
    if (isAtWork) return;
    isAtWork = true;
    setTimeout(work, milliseconds);
  };
}
