//! Pages as text, rendered on the host: every address finds its page, and pages without a server are whole.

use crate::{App, route::Route};
use dioxus::{
    history::{History, MemoryHistory},
    prelude::*,
};
use std::rc::Rc;

fn rendered(path: &str) -> String {
    let mut dom = VirtualDom::new(App);
    let history: Rc<dyn History> = Rc::new(MemoryHistory::with_initial_path(path));
    dom.provide_root_context(history);
    dom.rebuild_in_place();
    dioxus_ssr::render(&dom)
}

#[test]
fn the_sign_up_page_states_the_password_rule_up_front() {
    let html = rendered("/sign-up");
    assert!(html.contains("At least 15 characters"), "{html}");
    for field in ["organization", "name", "email", "password"] {
        assert!(html.contains(&format!("for=\"{field}\"")), "{field} has a label: {html}");
    }
}

#[test]
fn the_sign_in_page_names_the_way_to_a_new_organization() {
    let html = rendered("/sign-in?next=/incidents");
    assert!(html.contains("autocomplete=\"current-password\"") && html.contains("href=\"/sign-up\""), "{html}");
}

#[test]
fn an_unknown_address_says_so_and_leads_home() {
    let html = rendered("/no/such/page");
    assert!(html.contains("Page not found") && html.contains("no/such/page"), "{html}");
}

#[test]
fn a_page_of_the_house_waits_for_the_session() {
    assert!(rendered("/rules").contains("Loading"), "nothing of the house is shown to strangers");
}

#[test]
fn every_address_reads_back_as_itself() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let paths = [
        "/monitors/new".to_owned(),
        format!("/monitors/{id}?range=7d"),
        "/metrics?host=web-1&metric=cpu.load1&range=24h".to_owned(),
        format!("/monitors/{id}/edit"),
        format!("/incidents/{id}"),
        "/channels".to_owned(),
        "/channels/new".to_owned(),
        format!("/channels/{id}/edit"),
        "/rules/new".to_owned(),
        format!("/rules/{id}/edit"),
        "/maintenance".to_owned(),
        format!("/maintenance/{id}/edit"),
        "/on-call/new".to_owned(),
        format!("/on-call/{id}"),
        format!("/on-call/{id}/edit"),
        format!("/deliveries/{id}"),
    ];
    for path in paths {
        assert_eq!(path.parse::<Route>().unwrap().to_string(), path);
    }
    assert!(matches!("/monitors/7".parse::<Route>().unwrap(), Route::NotFound { .. }), "an id is a UUID");
}
