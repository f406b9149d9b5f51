import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createClient } from "./client/create-client.ts";
import { CommandRegistry } from "./logic/commands/registry.ts";
import { createAppStore } from "./store/app-store.ts";
import { Commands } from "./store/commands/index.ts";
import { connectStore } from "./store/connect.ts";
import { connectPrefs } from "./store/connect-prefs.ts";
import { AppProvider } from "./store/use-app.tsx";
import { App } from "./views/app/App.tsx";
import { ErrorBoundary } from "./views/error-boundary/ErrorBoundary.tsx";

const client = createClient();
const store = createAppStore();
const commands = new Commands(client, store);
const registry = new CommandRegistry();
connectPrefs(store, window.localStorage);
connectStore(client, store, commands);

const root = document.getElementById("root");
if (root === null) throw new Error('index.html lacks <div id="root">');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <AppProvider value={{ client, store, commands, registry }}>
        <App />
      </AppProvider>
    </ErrorBoundary>
  </StrictMode>,
);
