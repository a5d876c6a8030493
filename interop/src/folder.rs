//! The temporary folder of a scenario.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::failure::{During, Outcome};

/// Its path is short, because the path of a Unix socket holds at most 107 octets.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn create() -> Outcome<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ip-{:x}-{number}", std::process::id()));
        DirBuilder::new().create(&path).during(format!("creating {}", path.display()))?;
        // Dovecot's and Postfix' own users walk through it.
        std::fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the folder. A folder that is merely dropped stays, to be looked at.
    pub(crate) fn remove(self) -> std::io::Result<()> {
        std::fs::remove_dir_all(&self.path)
    }
}
