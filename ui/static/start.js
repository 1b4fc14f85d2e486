// Starts the app; lies beside the bound module, which doesn't know where its wasm is.
import init from "./pulse-ui.js";

init({ module_or_path: new URL("./pulse-ui_bg.wasm", import.meta.url) });
