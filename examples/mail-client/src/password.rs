//! The password or the token: never on the command line, where everybody on the machine may read it.
use imap_proto::Secret;
use std::{
    env, fs,
    io::{self, BufRead, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
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
    /// The command cannot be run.
    #[error("cannot run the command that says the token")]
    Command(#[source] io::Error),
    /// The command has failed.
    #[error("the command that says the token has failed: {0}")]
    Failed(ExitStatus),
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
    first_line(text.as_bytes())
}

/// Has the shell run a command that says a token.
pub(crate) fn of_command(command: &str) -> Result<Secret, PasswordError> {
    let ran = Command::new("sh").args(["-c", command]).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = ran.map_err(PasswordError::Command)?;
    if !output.status.success() {
        return Err(PasswordError::Failed(output.status));
    }
    first_line(&output.stdout)
}

fn first_line(text: &[u8]) -> Result<Secret, PasswordError> {
    let line = text.split(|octet| *octet == b'\n').next().unwrap_or_default();
    match line.strip_suffix(b"\r").unwrap_or(line) {
        b"" => Err(PasswordError::Empty),
        line => Ok(Secret::copy_from(line)),
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
