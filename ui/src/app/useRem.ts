// How many pixels a rem is: it grows on very large screens, and with the size of text that somebody chose.
import { useViewportSize } from "@mantine/hooks";

export function useRem(): number {
  useViewportSize(); // Asks again when the window changes.
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
