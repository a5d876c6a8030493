//! Finds the programs to test.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::failure::{Outcome, ensure, fail};

/// Builds `mail-server` in release mode and returns its path; `INTEROP_MAIL_SERVER` names one that is built.
pub(crate) fn mail_server() -> Outcome<PathBuf> {
    find("INTEROP_MAIL_SERVER", "mail-server", "mail-server")
}

/// Builds `mail` in release mode and returns its path; `INTEROP_MAIL` names one that is built.
pub(crate) fn mail() -> Outcome<PathBuf> {
    find("INTEROP_MAIL", "mail-client", "mail")
}

fn find(variable: &str, package: &str, name: &str) -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let build = Command::new(cargo)
        .args(["build", "--release", "--package", package, "--bin", name])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(build.status.success(), "{name} does not build");
    match executable(&String::from_utf8_lossy(&build.stdout)) {
        Some(path) => Ok(path),
        None => fail!("cargo built {name} but named no executable"),
    }
}

/// The executable that cargo's messages name: the only way to find it whatever the target folder's setting.
fn executable(messages: &str) -> Option<PathBuf> {
    let (_, rest) = messages.rsplit_once("\"executable\":\"")?;
    let (path, _) = rest.split_once('"')?;
    Some(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"bytes"},"executable":null,"fresh":true}"#,
            "\n",
            r#"{"reason":"compiler-artifact","executable":"/t/release/mail-server","fresh":true}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages), Some(PathBuf::from("/t/release/mail-server")));
        assert_eq!(executable(r#"{"executable":null}"#), None);
    }
}
