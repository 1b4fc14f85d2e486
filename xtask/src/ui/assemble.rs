//! Names with hashes: from the bound wasm and `ui/static` to a folder that a server can hand out for ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use super::{files, hex};

/// How many hexadecimal digits of a hash stand in a name.
const HASH_DIGITS: usize = 12;

/// The file of `ui/static` that is not hashed, since its address is the app's.
const INDEX: &str = "index.html";

/// The file of `ui/static` that imports the bound module by a relative path, so it lies beside it.
const START: &str = "start.js";

/// Writes the finished folder `dist`.
pub(super) fn assemble(statics: &Path, bound: &Path, dist: &Path) -> Result<()> {
    let ui = place_bound(statics, bound, dist)?;
    let mut addresses = BTreeMap::from([("ui".to_owned(), ui)]);
    let mut names = files::below(statics)?;
    names.retain(|name| name != Path::new(INDEX) && name != Path::new(START));
    // Style sheets may name the other files, so they come after them.
    names.sort_by_key(|name| name.extension().is_some_and(|extension| extension == "css"));
    for name in names {
        let content = files::read(&statics.join(&name))?;
        let is_style = name.extension().is_some_and(|extension| extension == "css");
        let content = if is_style { fill(&content, &addresses)?.into_bytes() } else { content };
        let hashed = hashed_name(&name, &hash([content.as_slice()]))?;
        files::write(&dist.join("assets").join(&hashed), &content)?;
        addresses.insert(format!("asset:{}", name.display()), format!("/assets/{}", hashed.display()));
    }
    let index = fill(&files::read(&statics.join(INDEX))?, &addresses)?;
    files::write(&dist.join(INDEX), index.as_bytes())
}

/// The bound files import each other by relative paths, so one hash over all of them names their folder.
fn place_bound(statics: &Path, bound: &Path, dist: &Path) -> Result<String> {
    let mut contents = vec![(PathBuf::from(START), files::read(&statics.join(START))?)];
    for name in files::below(bound)? {
        let content = files::read(&bound.join(&name))?;
        contents.push((name, content));
    }
    let parts = contents.iter().flat_map(|(name, content)| [name.as_os_str().as_encoded_bytes(), content.as_slice()]);
    let folder = format!("assets/ui-{}", hash(parts));
    for (name, content) in &contents {
        files::write(&dist.join(&folder).join(name), content)?;
    }
    Ok(format!("/{folder}"))
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()).chars().take(HASH_DIGITS).collect()
}

/// `fonts/text.woff2` becomes `fonts/text-<hash>.woff2`.
fn hashed_name(name: &Path, hash: &str) -> Result<PathBuf> {
    let stem =
        name.file_stem().and_then(|stem| stem.to_str()).with_context(|| format!("odd name {}", name.display()))?;
    let extension = name.extension().and_then(|extension| extension.to_str());
    let file = extension.map_or_else(|| format!("{stem}-{hash}"), |extension| format!("{stem}-{hash}.{extension}"));
    Ok(name.with_file_name(file))
}

/// Replaces every `{{name}}` by its address; a name that has none is an error.
fn fill(template: &[u8], addresses: &BTreeMap<String, String>) -> Result<String> {
    let mut rest = std::str::from_utf8(template).context("a template is not UTF-8")?;
    let mut filled = String::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { bail!("`{{{{` without `}}}}`") };
        let Some(address) = addresses.get(name.trim()) else {
            let known: Vec<&str> = addresses.keys().map(String::as_str).collect();
            bail!("the placeholder {{{{{name}}}}} names no file; there are {}", known.join(", "));
        };
        filled.push_str(before);
        filled.push_str(address);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str, content: &str) {
        files::write(&root.join(name), content.as_bytes()).expect("written");
    }

    fn assembled(style: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("temp folder");
        let root = folder.path();
        write(root, "static/index.html", "<link href=\"{{asset:style.css}}\"><script src=\"{{ui}}/start.js\">");
        write(root, "static/start.js", "import './pulse-ui.js'");
        write(root, "static/style.css", style);
        write(root, "static/icon.svg", "<svg/>");
        write(root, "bound/pulse-ui.js", "js");
        write(root, "bound/snippets/a/b.js", "snippet");
        assemble(&root.join("static"), &root.join("bound"), &root.join("dist")).expect("assembled");
        let index = String::from_utf8(files::read(&root.join("dist/index.html")).expect("read")).expect("text");
        (folder, index)
    }

    #[test]
    fn every_address_in_the_index_is_a_file() {
        let (folder, index) = assembled("a { background: url({{asset:icon.svg}}) }");
        let addresses: Vec<&str> = index.split('"').filter(|part| part.starts_with("/assets/")).collect();
        assert_eq!(addresses.len(), 2, "{index}");
        for address in addresses {
            assert!(folder.path().join("dist").join(address.trim_start_matches('/')).exists(), "{address}");
        }
        let files = files::below(&folder.path().join("dist")).expect("listed");
        assert!(files.iter().any(|path| path.ends_with("snippets/a/b.js")));
    }

    #[test]
    fn a_changed_file_gets_another_name_and_an_equal_one_the_same() {
        let (_first, one) = assembled("a {}");
        let (_second, same) = assembled("a {}");
        let (_third, other) = assembled("b {}");
        assert_eq!(one, same);
        assert_ne!(one, other);
    }

    #[test]
    fn a_placeholder_without_a_file_is_an_error() {
        let error = fill(b"{{asset:nothing.css}}", &BTreeMap::new()).expect_err("unknown");
        assert!(error.to_string().contains("asset:nothing.css"));
        fill(b"{{open", &BTreeMap::new()).expect_err("unclosed");
    }
}
