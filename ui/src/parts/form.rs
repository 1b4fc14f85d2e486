//! The frame of every form page: read what is there, show it, save it, say what is wrong, and don't lose what was typed.
//!
//! ```text
//! GET ──> draft ──typed──> body ──merge patch, If-Match──> saved, or errors at their fields
//! ```

mod input;

pub use input::{AreaInput, CheckInput, PairsInput, SecretInput, TextInput};

use super::{
    page::{Fault, Loading},
    toast::Toasts,
};
use crate::{
    api::{self, Failure, Tagged},
    form::{Draft, Errors},
    platform,
    route::Route,
};
use dioxus::prelude::*;
use serde_json::Value;

/// What the server has: its address, its body, and the tag that a change of it must name.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    path: String,
    body: Value,
    etag: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Reading,
    Failed(Failure),
    Ready,
}

/// The state of a form page. What was typed is in `draft`.
pub struct Form<D: 'static> {
    pub draft: Signal<D>,
    pub errors: Signal<Errors>,
    /// The draft as it was read or saved: what differs from it is unsaved.
    clean: Signal<D>,
    known: Signal<Option<Known>>,
    stage: Signal<Stage>,
    busy: Signal<bool>,
}

impl<D> std::fmt::Debug for Form<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form").finish_non_exhaustive()
    }
}

impl<D> Clone for Form<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Form<D> {}

/// The same form, not the same text: as a prop it never changes.
impl<D> PartialEq for Form<D> {
    fn eq(&self, other: &Self) -> bool {
        self.draft == other.draft
    }
}

/// A form for something new.
pub fn use_new<D: Draft>(draft: impl Fn() -> D) -> Form<D> {
    use_form(draft, Stage::Ready)
}

/// A form for something that is there, read from its address.
pub fn use_edit<D: Draft + Default>(id: impl Fn() -> String + Copy + 'static) -> Form<D> {
    let form = use_form(D::default, Stage::Reading);
    use_resource(move || {
        let path = format!("{}/{}", D::LIST, id());
        async move { form.read(path).await }
    });
    form
}

fn use_form<D: Draft>(draft: impl Fn() -> D, stage: Stage) -> Form<D> {
    Form {
        draft: use_signal(&draft),
        clean: use_signal(&draft),
        errors: use_signal(Errors::default),
        known: use_signal(|| None),
        stage: use_signal(|| stage),
        busy: use_signal(|| false),
    }
}

impl<D: Draft> Form<D> {
    async fn read(mut self, path: String) {
        match api::get_tagged::<D::Shown>(&path).await {
            Ok(Tagged { value, etag }) => {
                let draft = D::of(&value);
                let body = draft.body().unwrap_or_default();
                self.clean.set(draft.clone());
                self.draft.set(draft);
                self.known.set(Some(Known { path, body, etag }));
                self.stage.set(Stage::Ready);
            }
            Err(failure) => self.stage.set(Stage::Failed(failure)),
        }
    }

    /// Sends what was typed; `None` when it could not be saved, and then `errors` says why.
    async fn save(mut self) -> Option<D::Shown> {
        let draft = self.draft.peek().clone();
        let known = self.known.peek().clone();
        self.busy.set(true);
        let saved = match draft.body() {
            Ok(body) => send(D::LIST, known, body).await.and_then(|text| api::read_text(&text)).map_err(Errors::from),
            Err(wrong) => Err(wrong),
        };
        self.busy.set(false);
        match saved {
            Ok(shown) => {
                self.errors.set(Errors::default());
                self.clean.set(draft);
                Some(shown)
            }
            Err(errors) => {
                self.errors.set(errors);
                None
            }
        }
    }
}

impl<D> Form<D> {
    /// The last part of the address of what is edited.
    pub fn id(self) -> Option<String> {
        let known = self.known.read();
        known.as_ref().and_then(|known| known.path.rsplit('/').next()).map(str::to_owned)
    }
}

/// Free of the form's type, so that its code is in the bundle once.
async fn send(list: &str, known: Option<Known>, body: Value) -> Result<String, Failure> {
    let Some(Known { path, body: before, etag }) = known else { return api::post_text(list, &body).await };
    api::patch_text(&path, &api::merge_patch(&before, &body), etag).await
}

/// The form itself, once there is something to show.
#[component]
pub fn FormFrame<D: Draft>(form: Form<D>, back: Route, onsaved: EventHandler<D::Shown>, children: Element) -> Element {
    let toasts: Toasts = use_context();
    let dirty = use_memo(move || *form.draft.read() != *form.clean.read());
    let submit = move |()| {
        spawn(async move {
            if let Some(shown) = form.save().await {
                toasts.say(format!("“{}” is saved.", form.draft.peek().name()));
                platform::guard_leaving(false);
                onsaved.call(shown);
            }
        });
    };
    rsx! {
        Around {
            stage: (form.stage)(),
            errors: (form.errors)(),
            busy: (form.busy)(),
            dirty: dirty(),
            noun: D::NOUN,
            back,
            onsubmit: submit,
            {children}
        }
    }
}

#[component]
fn Around(
    stage: Stage,
    errors: Errors,
    busy: bool,
    dirty: bool,
    noun: &'static str,
    back: Route,
    onsubmit: EventHandler<()>,
    children: Element,
) -> Element {
    use_effect(use_reactive!(|dirty| platform::guard_leaving(dirty)));
    use_drop(|| platform::guard_leaving(false));
    match stage {
        Stage::Reading => return rsx! { Loading {} },
        Stage::Failed(failure) => return rsx! { Fault { failure } },
        Stage::Ready => {}
    }
    rsx! {
        form {
            class: "form wide-form",
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                onsubmit.call(());
            },
            Summary { errors }
            {children}
            div { class: "actions end form-foot",
                p { class: "unsaved quiet", role: "status", if dirty { "Unsaved changes" } }
                Link { class: "button", to: back, "Cancel" }
                button { class: "button primary", r#type: "submit", disabled: busy, if busy { "Saving…" } else { "Save {noun}" } }
            }
        }
    }
}

/// What keeps the form from being saved, above it.
#[component]
fn Summary(errors: Errors) -> Element {
    let text = match &errors.general {
        Some(failure) if failure.status() == Some(412) => {
            Some(String::from("Somebody changed this meanwhile. Reload the page to see their change, then make yours."))
        }
        Some(failure) => Some(failure.to_string()),
        None => None,
    };
    rsx! {
        if !errors.is_empty() {
            div { class: "notice tone-down", role: "alert",
                if let Some(text) = text {
                    p { "{text}" }
                } else {
                    ul {
                        for line in errors.lines() {
                            li { key: "{line}", "{line}" }
                        }
                    }
                }
            }
        }
    }
}
