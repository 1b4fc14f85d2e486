//! The browser's entry: clears the splash and starts the app.

fn main() {
    #[cfg(target_arch = "wasm32")]
    {
        pulse_ui::platform::prepare();
        dioxus::launch(pulse_ui::App);
    }
}
