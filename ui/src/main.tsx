import "./app/mantine.css";
import "./app/tokens.css";
import "./app/layout.css";
import "./status/status.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { newCache } from "./api/cache";
import { Root } from "./app/Root";
import { theme } from "./app/theme";

const place = document.getElementById("root");
if (place === null) throw new Error("index.html has no #root");

createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={newCache()}>
        <Root />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
