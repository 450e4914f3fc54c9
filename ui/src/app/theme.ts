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
  },
});
