//! What the libraries show: a file for each, with a line for each public item.
//!
//! rustdoc tells it as JSON, of a form that changes with the version of Rust; `public-api` knows the form of its own
//! version alone. So both go up together: with another Rust this says so, and writes nothing.
use public_api::{Builder, PublicApi};
use std::{
    collections::HashSet,
    env, fmt, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// The form of rustdoc's JSON that `public-api` reads in the version that `Cargo.toml` names: that of Rust 1.95.
const FORMAT: &str = "57";

/// Why there is no listing.
#[derive(Debug)]
pub enum Error {
    /// A file could not be read or written.
    Io(PathBuf, io::Error),
    /// rustdoc failed, and has said why.
    Rustdoc,
    /// It is another version of Rust.
    Format(String),
    /// It is this version, and cannot be read all the same.
    Unreadable(PathBuf, public_api::Error),
}

/// Writes the listing of each crate into `folder`.
///
/// # Errors
/// rustdoc failed, or tells of it in another form than can be read, or a file could not be written.
pub fn write(folder: &Path) -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let crates = crates(&root)?;
    let target = document(&root, &crates)?;
    let listings: Vec<_> =
        crates.iter().map(|name| Ok((name, listing(&target, name)?))).collect::<Result<_, Error>>()?;
    fs::create_dir_all(folder).map_err(|error| Error::Io(folder.into(), error))?;
    for (name, listing) in listings {
        let file = folder.join(name).with_extension("txt");
        fs::write(&file, listing).map_err(|error| Error::Io(file, error))?;
    }
    Ok(())
}

/// The libraries: all that stands in `crates/`.
fn crates(root: &Path) -> Result<Vec<String>, Error> {
    let folder = root.join("crates");
    let failed = |error| Error::Io(folder.clone(), error);
    let mut crates = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        crates.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    crates.sort();
    Ok(crates)
}

/// Has rustdoc tell of the crates, with all features; returns the folder it tells it in.
fn document(root: &Path, crates: &[String]) -> Result<PathBuf, Error> {
    // JSON is not stable, and a stable compiler has it all the same. Some dependencies are built in another way when
    // they see that: in a folder of their own they don't replace those of all other builds.
    let target = root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into())).join("api");
    let status = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .current_dir(root)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json")
        .args(["doc", "--quiet", "--locked", "--lib", "--no-deps", "--all-features", "--target-dir"])
        .arg(&target)
        .args(crates.iter().flat_map(|name| ["--package", name]))
        .status()
        .map_err(|error| Error::Io("cargo".into(), error))?;
    if status.success() { Ok(target.join("doc")) } else { Err(Error::Rustdoc) }
}

/// The listing of one crate.
fn listing(target: &Path, name: &str) -> Result<String, Error> {
    let file = target.join(name.replace('-', "_")).with_extension("json");
    let json = fs::read_to_string(&file).map_err(|error| Error::Io(file.clone(), error))?;
    // It is the last field.
    let format =
        json.rsplit_once("\"format_version\":").map_or("", |(_, format)| format.trim_end_matches('}'));
    if format != FORMAT {
        return Err(Error::Format(format.into()));
    }
    let read = |builder: Builder| builder.build().map_err(|error| Error::Unreadable(file.clone(), error));
    let builder = || Builder::from_rustdoc_json(&file).omit_auto_trait_impls(true).omit_blanket_impls(true);
    let written = lines(&read(builder().omit_auto_derived_impls(true))?);
    let written: HashSet<_> = written.iter().map(String::as_str).collect();
    let mut listing = String::new();
    for line in lines(&read(builder())?) {
        // Of a derived impl the head says all. What matches may use the derived PartialEq in is no promise of ours.
        let is_head = line.starts_with("impl") && !line.contains("StructuralPartialEq");
        if is_head || written.contains(line.as_str()) {
            listing.push_str(&line);
            listing.push('\n');
        }
    }
    Ok(listing)
}

/// An item each, beside the one it belongs to.
fn lines(api: &PublicApi) -> Vec<String> {
    api.items().map(ToString::to_string).collect()
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(file, error) => write!(f, "{}: {error}", file.display()),
            Self::Rustdoc => f.write_str("rustdoc failed"),
            Self::Format(format) => write!(
                f,
                "this version of Rust tells of a crate in form {format}, and {FORMAT} can be read, that of Rust 1.95: \
                 use that, or raise `public-api` in checks/Cargo.toml and the form in checks/src/api.rs"
            ),
            Self::Unreadable(file, error) => write!(f, "{}: {error}", file.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_of_rust_is_told_from_a_crate_without_items() {
        let folder = env::temp_dir().join(format!("checks-api-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a_b.json"), r#"{"index":{},"format_version":9999}"#).unwrap();
        let error = listing(&folder, "a-b").unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(error.starts_with("this version of Rust tells of a crate in form 9999, and 57"), "{error}");
    }
}
