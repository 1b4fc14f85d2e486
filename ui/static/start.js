// Starts the app; lies beside the bound module.
import init from "./pulse-ui.js";

init();
