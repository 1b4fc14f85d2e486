//! The browser side: storage, clock, dialogs, focus, fetch, WebSocket.

use super::{Ask, Precision, Reply};
use futures_util::StreamExt;
use gloo_net::{
    http::{Method, RequestBuilder},
    websocket::{Message, State, futures::WebSocket},
};
use pulse_domain::Timestamp;
use std::cell::{Cell, OnceCell};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Element, Event, HtmlDialogElement, HtmlElement, Storage, Window};

/// How often the state of a socket that is being opened is looked at.
const OPENING_POLL_MS: u32 = 10;
/// What is asked before unsaved changes are left behind.
const LEAVE: &str = "There are unsaved changes. Leave without saving them?";

/// Before the first render: a panic shows the box that offers a reload, and the splash goes.
pub fn prepare() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        if let Some(fault) = document().and_then(|document| document.get_element_by_id("fault")) {
            let _ = fault.remove_attribute("hidden");
        }
    }));
    if let Some(main) = document().and_then(|document| document.get_element_by_id("main")) {
        main.set_inner_html("");
    }
}

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
    let ms = js_sys::Date::now() as i64;
    Timestamp::from_timestamp_millis(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The instant in the browser's zone, in a form that every reader of English takes the same way.
pub fn local(at: &Timestamp, precision: Precision) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into 53 bits")]
    let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    let options = js_sys::Object::new();
    let set = |key: &str, value: &str| {
        let _ = js_sys::Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value));
    };
    if precision != Precision::Day {
        set("hourCycle", "h23");
        set("hour", "2-digit");
        set("minute", "2-digit");
    }
    match precision {
        Precision::Time | Precision::Full => {
            set("second", "2-digit");
            set("timeZoneName", "short");
        }
        Precision::Tick => set("second", "2-digit"),
        Precision::Day => set("timeZone", "UTC"),
        Precision::Minute => {}
    }
    if matches!(precision, Precision::Full | Precision::Minute | Precision::Day) {
        set("month", "short");
        set("day", "numeric");
    }
    if matches!(precision, Precision::Full | Precision::Day) {
        set("year", "numeric");
    }
    date.to_locale_string("en-GB", &options).into()
}

/// The zone that readings of the wall clock are typed in, by its IANA name.
pub fn zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    let zone = js_sys::Reflect::get(&options, &JsValue::from_str("timeZone")).ok();
    zone.and_then(|zone| zone.as_string()).unwrap_or_else(|| String::from("UTC"))
}

/// `2026-05-01T10:00` as the browser's clock shows it, as an instant.
pub fn instant(local: &str) -> Option<Timestamp> {
    let ms = js_sys::Date::new(&JsValue::from_str(local)).get_time();
    if !ms.is_finite() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
    let ms = ms as i64;
    Timestamp::from_timestamp_millis(ms)
}

/// An instant as a field of day and time takes it, in the browser's zone.
pub fn typed(at: &Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into 53 bits")]
    let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// A number from 0 to 1, for the jitter of reconnects.
pub fn chance() -> f64 {
    js_sys::Math::random()
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

pub fn store(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// `light` and `dark` are written on the root; anything else leaves the choice to the system.
pub fn set_theme(choice: &str) {
    let Some(root) = document().and_then(|document| document.document_element()) else { return };
    let _ = match choice {
        "light" | "dark" => root.set_attribute("data-theme", choice),
        _ => root.remove_attribute("data-theme"),
    };
}

fn element<T: JsCast>(id: &str) -> Option<T> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

pub fn focus(id: &str) {
    if let Some(element) = element::<HtmlElement>(id) {
        let _ = element.focus();
    }
}

pub fn show_dialog(id: &str) {
    if let Some(dialog) = element::<HtmlDialogElement>(id)
        && !dialog.open()
    {
        let _ = dialog.show_modal();
    }
}

pub fn close_dialog(id: &str) {
    if let Some(dialog) = element::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

pub fn copy(text: &str) {
    if let Some(window) = window() {
        let written = window.navigator().clipboard().write_text(text);
        wasm_bindgen_futures::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(written).await;
        });
    }
}

/// Scheme, host and port of the page.
pub fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Path and query of the page.
pub fn location() -> String {
    let Some(location) = window().map(|window| window.location()) else { return String::from("/") };
    let path = location.pathname().unwrap_or_default();
    path + &location.search().unwrap_or_default()
}

pub async fn sleep(ms: u32) {
    gloo_timers::future::TimeoutFuture::new(ms).await;
}

pub async fn request(ask: Ask) -> Result<Reply, String> {
    let method = ask.method.parse::<Method>().unwrap_or(Method::GET);
    let mut request = RequestBuilder::new(&ask.path).method(method).header("accept", "application/json");
    if let Some(tag) = &ask.if_match {
        request = request.header("if-match", tag);
    }
    let sent = match ask.body {
        Some(body) => request.header("content-type", ask.content_type).body(body),
        None => request.build(),
    };
    let response = sent.map_err(|error| error.to_string())?.send().await.map_err(|error| error.to_string())?;
    let etag = response.headers().get("etag");
    let body = response.text().await.map_err(|error| error.to_string())?;
    Ok(Reply { status: response.status(), etag, body })
}

thread_local! {
    /// Whether leaving the page would lose something that was typed.
    static UNSAVED: Cell<bool> = const { Cell::new(false) };
    static GUARDS: OnceCell<()> = const { OnceCell::new() };
}

/// Asks before a page with unsaved changes is left: closed, reloaded, or by one of our own links.
pub fn guard_leaving(unsaved: bool) {
    UNSAVED.set(unsaved);
    GUARDS.with(|guards| {
        guards.get_or_init(|| {
            listen("beforeunload", |event| {
                if UNSAVED.get() {
                    event.prevent_default();
                }
            });
            // Before the router hears of it.
            listen("click", |event| {
                let by_link = event
                    .target()
                    .and_then(|target| target.dyn_into::<Element>().ok())
                    .and_then(|element| element.closest("a[href^='/']").ok().flatten())
                    .is_some();
                let stays = || {
                    let asked = window().map(|window| window.confirm_with_message(LEAVE));
                    !matches!(asked, Some(Ok(true)))
                };
                if by_link && UNSAVED.get() && stays() {
                    event.prevent_default();
                    event.stop_propagation();
                }
            });
        });
    });
}

/// For as long as the page lives, before anybody else.
fn listen(event: &str, act: impl Fn(Event) + 'static) {
    let Some(window) = window() else { return };
    let act = Closure::<dyn Fn(Event)>::new(act);
    let _ = window.add_event_listener_with_callback_and_bool(event, act.as_ref().unchecked_ref(), true);
    act.forget();
}

/// A WebSocket of our own origin. Dropping it closes it.
pub struct Socket(WebSocket);

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Socket").finish_non_exhaustive()
    }
}

impl Socket {
    pub fn open(path: &str) -> Option<Self> {
        let location = window()?.location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let url = format!("{scheme}://{}{path}", location.host().ok()?);
        WebSocket::open(&url).ok().map(Self)
    }

    /// Waits for the handshake; false when it failed.
    pub async fn opened(&self) -> bool {
        loop {
            match self.0.state() {
                State::Connecting => sleep(OPENING_POLL_MS).await,
                State::Open => return true,
                State::Closing | State::Closed => return false,
            }
        }
    }

    /// The next text, or `None` when the connection is over.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(text),
                Ok(Message::Bytes(_)) => {}
                Err(_) => return None,
            }
        }
    }
}
