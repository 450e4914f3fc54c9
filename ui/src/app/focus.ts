// Where the keyboard goes on when what it was in is gone: mostly where it came from.
import { useEffect, useState } from "react";
import { useLocation } from "wouter";

/** For what opens above a page: when it goes, whoever opened it is in focus again. */
export function useFocusBack(): void {
  const [opener] = useState(whoIsInFocus);
  useEffect(() => () => void setTimeout(() => takeLost(opener)), [opener]);
}

/** Another page that no link in focus led to, but a menu or a key: one reads on from its beginning. */
export function useFocusOnPages(): void {
  const [path] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each path is another page
  useEffect(() => {
    const soon = setTimeout(() => takeLost(null));
    return () => clearTimeout(soon);
  }, [path]);
}

/** An item of a menu goes with its menu; the button that opened the menu stays. */
function whoIsInFocus(): Element | null {
  const menu = document.activeElement?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return menu == null ? document.activeElement : document.getElementById(menu);
}

/** Nobody's, or an item's of a menu that is closing. */
function isLost(focused: Element | null): boolean {
  return focused === document.body || focused?.closest("[role=menu]") != null;
}

function takeLost(opener: Element | null): void {
  if (!isLost(document.activeElement)) return;
  const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
  const next = isThere ? opener : document.querySelector<HTMLElement>("main");
  next?.focus({ preventScroll: true });
}
