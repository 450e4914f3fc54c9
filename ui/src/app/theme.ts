// Mantine in our colours: one green that carries white text in both schemes.
import { createTheme } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "houston",
  primaryShade: { light: 7, dark: 6 },
  colors: {
    houston: [
      "#e5f7ef",
      "#d1ecdf",
      "#a3d9bf",
      "#71c49c",
      "#48b380",
      "#2da56d",
      "#157a50",
      "#0b6b4f",
      "#085a42",
      "#044734",
    ],
  },
  cursorType: "pointer",
  defaultRadius: "md",
  fontFamily: 'Inter, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  respectReducedMotion: true,
  components: {
    InputWrapper: { defaultProps: { withAsterisk: false } }, // Almost everything is required.
    // A menu holds nothing but its items, and the first of them is in focus.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // The list of options scrolls itself, as screen readers expect it; the style is in layout.css.
    Select: { defaultProps: { withScrollArea: false } },
    // What unfolds belongs to the page's main part, where screen readers look for it.
    Popover: { defaultProps: { portalProps: { target: "main" } } },
  },
});
