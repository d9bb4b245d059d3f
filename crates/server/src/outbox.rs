//! The file transport of mail and SMS: what would be sent is written to a folder, for development and for looking at texts.
//!
//! A message has one file however often it is tried, readable for the server's own user only: there are codes in it.

use std::io::Write as _;
use std::path::Path;

/// Writes `bytes` to `folder/name`, which appears whole or not at all.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{name}"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(&draft)?.write_all(bytes)?;
    std::fs::rename(&draft, folder.join(name))
}
