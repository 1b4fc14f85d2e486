//! One thing read from the API, kept while it is read again.

use crate::api::{self, Failure};
use dioxus::prelude::*;
use serde::de::DeserializeOwned;
use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc};

/// What `use_loaded` gives. Folding an update into `value` shows at once.
pub struct Loaded<T: 'static> {
    pub value: Signal<Option<Result<T, Failure>>>,
    resource: Resource<()>,
}

impl<T> std::fmt::Debug for Loaded<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded").finish_non_exhaustive()
    }
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loaded<T> {}

/// The same reading, not the same value: as a prop it never changes.
impl<T> PartialEq for Loaded<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> Loaded<T> {
    pub fn reload(mut self) {
        self.resource.restart();
    }

    /// Changes what is shown, if anything is.
    pub fn change(mut self, change: impl FnOnce(&mut T)) {
        if let Some(Ok(value)) = self.value.write().as_mut() {
            change(value);
        }
    }

    pub fn set(mut self, value: T) {
        self.value.set(Some(Ok(value)));
    }
}

/// Reads the path, and again whenever a signal that the path is made of changes.
pub fn use_loaded<T: DeserializeOwned + 'static>(path: impl FnMut() -> String + 'static) -> Loaded<T> {
    let mut value = use_signal(|| None);
    let put = move |read: Result<String, Failure>| value.set(Some(read.and_then(|text| api::read_text(&text))));
    Loaded { value, resource: use_text(Box::new(path), Box::new(put)) }
}

type Path = Box<dyn FnMut() -> String>;
type Put = Box<dyn FnMut(Result<String, Failure>)>;

/// Free of the type that is read, so that the machinery around its future is in the bundle once.
fn use_text(mut path: Path, put: Put) -> Resource<()> {
    let put = Rc::new(RefCell::new(put));
    use_resource(move || {
        let (path, put) = (path(), Rc::clone(&put));
        let reading: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
            let read = api::get_text(&path).await;
            if let Ok(mut put) = put.try_borrow_mut() {
                put(read);
            }
        });
        reading
    })
}
