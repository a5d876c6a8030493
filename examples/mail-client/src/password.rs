//! The password: never on the command line, where everybody on the machine may read it.
use imap_proto::Secret;
use std::{
    env, fs,
    io::{self, BufRead, IsTerminal},
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Why there is no password.
#[derive(Debug, Error)]
pub(crate) enum PasswordError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nobody answers.
    #[error("cannot ask for the password")]
    Prompt(#[source] io::Error),
    /// It is empty.
    #[error("the password is empty")]
    Empty,
}

/// Finds the password of `user`: in the file, in `MAIL_PASSWORD`, or by asking.
pub(crate) fn find(file: Option<&Path>, user: &str) -> Result<Secret, PasswordError> {
    let text = match (file, env::var("MAIL_PASSWORD")) {
        (Some(path), _) => fs::read_to_string(path)
            .map_err(|source| PasswordError::File { path: path.to_owned(), source })?,
        (None, Ok(password)) => password,
        (None, Err(_)) => ask(user).map_err(PasswordError::Prompt)?,
    };
    match text.lines().next() {
        None | Some("") => Err(PasswordError::Empty),
        Some(line) => Ok(Secret::copy_from(line.as_bytes())),
    }
}

fn ask(user: &str) -> io::Result<String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return rpassword::prompt_password(format!("Password of {user}: "));
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(line)
}
