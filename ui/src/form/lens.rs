//! Where in a form's state the value of one field is.

use std::fmt;

/// Two plain functions: fields share their code, where a closure for each would come again and again in the bundle.
pub struct Lens<D, T> {
    pub get: fn(&D) -> &T,
    pub get_mut: fn(&mut D) -> &mut T,
}

/// The lens of a path: `lens!(MonitorDraft, http.url)`.
#[macro_export]
macro_rules! lens {
    ($state:ty, $($path:tt)+) => {
        $crate::form::Lens::<$state, _> { get: |state| &state.$($path)+, get_mut: |state| &mut state.$($path)+ }
    };
}

impl<D, T> Clone for Lens<D, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D, T> Copy for Lens<D, T> {}

impl<D, T> fmt::Debug for Lens<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lens").finish_non_exhaustive()
    }
}

/// By address: two fields whose code was merged are the same, one that moved is drawn once more.
impl<D, T> PartialEq for Lens<D, T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.get, other.get)
    }
}
