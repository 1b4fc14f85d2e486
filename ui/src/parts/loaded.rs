//! One thing read from the API, kept while it is read again.

use crate::api::{self, Failure};
use dioxus::prelude::*;
use serde::de::DeserializeOwned;
use std::{future::Future, pin::Pin};

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
pub fn use_loaded<T: DeserializeOwned + 'static>(mut path: impl FnMut() -> String + 'static) -> Loaded<T> {
    let mut value = use_signal(|| None);
    let resource = use_resource(move || {
        let path = path();
        // Boxed, so that every type shares the machinery around its future.
        let reading: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
            let read = api::get_text(&path).await;
            value.set(Some(read.and_then(|text| api::read_text(&text))));
        });
        reading
    });
    Loaded { value, resource }
}
