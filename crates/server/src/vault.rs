//! Keeps what must be read back: secret keys, TOTP seeds, contact data, confidential text.
//!
//! One 32-byte secret key stands behind everything. It comes from `COUNTERFOIL_SECRET_KEY` or from the file
//! `secret.key` in the data folder, which is created on the first start and never overwritten. No key is used
//! twice: sealing uses one derived key, every message authentication another, told apart by their purpose.
//!
//! A sealed value is `version (1) | nonce (24) | ciphertext and tag`. The purpose is bound to it, so that a value
//! copied from one column to another does not open. [`Vault::check_value`] is stored in the database: a server
//! started with another key is refused before it writes anything that only this other key could read.

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use counterfoil_store::{Options, Stmt, Store, StoreError, Tx, load_setting, vals};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Name of the key file in the data folder.
const KEY_FILE: &str = "secret.key";
/// Bytes of the secret key and of every key derived from it.
const KEY_BYTES: usize = 32;
/// Bytes of an XChaCha20 nonce: long enough to be drawn at random for every value.
const NONCE_BYTES: usize = 24;
/// First byte of every sealed value.
const VERSION: u8 = 1;

/// Name of the setting that holds [`Vault::check_value`].
const CHECK_SETTING: &str = "key_check";

counterfoil_store::statements! {
    REMEMBER_KEY = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
}

/// Every statement of this file.
pub fn statements() -> Vec<&'static Stmt> {
    ALL.to_vec()
}

/// Why a vault cannot be opened, or a value in it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key text is not 64 hexadecimal digits.
    #[error("the secret key in {0} is not 64 hexadecimal digits (32 bytes); nothing was changed")]
    BadKey(String),
    /// The key file cannot be read or created.
    #[error("cannot use the secret key file {}: {source}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database belongs to another secret key.
    #[error("the secret key ({0}) is not the one that this database was made with; nothing was changed")]
    WrongKey(String),
    /// The database belongs to a secret key that is not there.
    #[error(
        "this database was made with a secret key, but there is neither {} nor COUNTERFOIL_SECRET_KEY; nothing was changed",
        .0.display()
    )]
    NoKey(PathBuf),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system has no randomness to give.
    #[error("the operating system gave no random bytes: {0}")]
    Random(String),
    /// A value was changed, belongs to another purpose, or was sealed under another key.
    #[error("a sealed {purpose} value does not open under this secret key")]
    Sealed {
        /// The purpose under which it was tried.
        purpose: &'static str,
    },
}

/// The secret key of this installation and what can be done with it.
///
/// It has no `Debug` and is not cloned: the application holds it once.
pub struct Vault {
    root: SecretBox<[u8; KEY_BYTES]>,
    cipher: XChaCha20Poly1305,
}

impl Vault {
    /// Refuses another secret key than the one of the database that `options` names, before anything there is changed;
    /// migrating it would be a change. A database that is still to be made has no key yet.
    pub async fn check(options: &Options, data_dir: &Path, given: Option<&SecretString>) -> Result<(), VaultError> {
        match Store::peek_setting(options, CHECK_SETTING).await? {
            Some(known) => Self::open_known(&known, data_dir, given).map(drop),
            None => Ok(()),
        }
    }

    /// Takes the secret key from `given` (the value of `COUNTERFOIL_SECRET_KEY`), else from the key file in `data_dir`,
    /// and makes sure that it is the key of this database. A new database gets a new key file, or the given key.
    pub async fn open_for(store: &Store, data_dir: &Path, given: Option<&SecretString>) -> Result<Self, VaultError> {
        let read = async |tx: &mut Tx| load_setting(tx, CHECK_SETTING).await;
        if let Some(known) = store.read(read).await? {
            return Self::open_known(&known, data_dir, given);
        }
        let value = Self::load(data_dir, given)?.check_value();
        // Of two nodes that start a new database at once, the first one's key counts for both.
        let remember = async move |tx: &mut Tx| -> counterfoil_store::Result<_> {
            tx.execute(&REMEMBER_KEY, &vals![CHECK_SETTING, value.as_str()]).await?;
            load_setting(tx, CHECK_SETTING).await
        };
        let known = store.write(remember).await?.ok_or(StoreError::NoRow)?;
        Self::open_known(&known, data_dir, given)
    }

    /// The vault of a database that keeps `known` as its check value.
    fn open_known(known: &str, data_dir: &Path, given: Option<&SecretString>) -> Result<Self, VaultError> {
        let path = data_dir.join(KEY_FILE);
        if given.is_none() && !path.exists() {
            return Err(VaultError::NoKey(path));
        }
        let vault = Self::load(data_dir, given)?;
        if vault.check_value() != known {
            let source = given.map_or_else(|| path.display().to_string(), |_| "COUNTERFOIL_SECRET_KEY".to_owned());
            return Err(VaultError::WrongKey(source));
        }
        Ok(vault)
    }

    /// Like [`Vault::open_for`] without a database: the key file is created when there is none.
    pub fn load(data_dir: &Path, given: Option<&SecretString>) -> Result<Self, VaultError> {
        if let Some(text) = given {
            let key = parse_key(text.expose_secret())
                .ok_or_else(|| VaultError::BadKey("COUNTERFOIL_SECRET_KEY".to_owned()))?;
            return Ok(Self::with_key(&key));
        }
        let path = data_dir.join(KEY_FILE);
        let failed = |source| VaultError::KeyFile { path: path.clone(), source };
        let text = match read_key_file(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_key_file(data_dir, &path)?;
                // Read back: of two processes that start at once, both must use the file that won.
                read_key_file(&path).map_err(failed)?
            }
            Err(error) => return Err(failed(error)),
        };
        let key = parse_key(&text).ok_or_else(|| VaultError::BadKey(path.display().to_string()))?;
        Ok(Self::with_key(&key))
    }

    /// A vault over a known key: tests and tools that hold the key already.
    pub fn with_key(key: &[u8; KEY_BYTES]) -> Self {
        let root = SecretBox::new(Box::new(*key));
        let sealing = Zeroizing::new(derive(key, "seal"));
        let cipher = XChaCha20Poly1305::new(sealing.as_slice().try_into().expect("derived keys have 32 bytes"));
        Self { root, cipher }
    }

    /// Encrypts `plain` for `purpose`. Two calls never give the same bytes.
    pub fn seal(&self, purpose: &'static str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("the cipher only fails beyond 256 GB, and bodies are limited to megabytes");
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Decrypts what [`Vault::seal`] gave for the same purpose.
    pub fn open(&self, purpose: &'static str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let failed = || VaultError::Sealed { purpose };
        let (&version, rest) = sealed.split_first().ok_or_else(failed)?;
        if version != VERSION || rest.len() < NONCE_BYTES {
            return Err(failed());
        }
        let (nonce, body) = rest.split_at(NONCE_BYTES);
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| failed())?;
        self.cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: purpose.as_bytes() }).map_err(|_| failed())
    }

    /// Decrypts a text.
    pub fn open_text(&self, purpose: &'static str, sealed: &[u8]) -> Result<SecretString, VaultError> {
        let bytes = self.open(purpose, sealed)?;
        String::from_utf8(bytes).map(SecretString::from).map_err(|_| VaultError::Sealed { purpose })
    }

    /// The key for message authentication under `purpose`; the same on every node that shares the secret key.
    pub fn mac_key(&self, purpose: &str) -> [u8; KEY_BYTES] {
        derive(self.root.expose_secret(), &format!("mac/{purpose}"))
    }

    /// A value that tells secret keys apart without saying anything about them. The database keeps it.
    pub fn check_value(&self) -> String {
        hex(&derive(self.root.expose_secret(), "check")[..16])
    }
}

/// Random bytes from the operating system.
///
/// A system that cannot give randomness cannot run this service at all, so this does not return an error.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// HMAC-SHA256, used as the key derivation function: the root is uniformly random, so one step is enough.
fn derive(key: &[u8], purpose: &str) -> [u8; KEY_BYTES] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"counterfoil/");
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

fn read_key_file(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    // A key is 64 digits; whatever is longer is not ours and need not be read.
    std::fs::File::open(path)?.take(1024).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a new key beside the target and links it into place, so that neither a crash nor a second process can
/// leave half a key or replace an existing one.
fn create_key_file(data_dir: &Path, path: &Path) -> Result<(), VaultError> {
    let failed = |source| VaultError::KeyFile { path: path.to_owned(), source };
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(key.as_mut_slice()).map_err(|error| VaultError::Random(error.to_string()))?;
    let draft = data_dir.join(format!(".{KEY_FILE}.{}", hex(&random_bytes::<8>())));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(Zeroizing::new(hex(key.as_slice()) + "\n").as_bytes())?;
        file.sync_all()
    });
    let linked = written.and_then(|()| match std::fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    // The draft is only a second name of the key; a failure to remove it must not hide the first error.
    let removed = std::fs::remove_file(&draft);
    linked.map_err(failed)?;
    removed.map_err(failed)?;
    std::fs::File::open(data_dir).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn parse_key(text: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    unhex(text.trim(), key.as_mut_slice()).then_some(key)
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// Reads exactly `out.len()` bytes of hexadecimal digits; false when `text` is anything else.
pub(crate) fn unhex(text: &str, out: &mut [u8]) -> bool {
    let digits = text.as_bytes();
    if digits.len() != out.len() * 2 {
        return false;
    }
    for (pair, byte) in digits.chunks_exact(2).zip(out) {
        let (Some(high), Some(low)) = (char::from(pair[0]).to_digit(16), char::from(pair[1]).to_digit(16)) else {
            return false;
        };
        *byte = u8::try_from(high * 16 + low).expect("two hexadecimal digits fit a byte");
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        Vault::with_key(&[7; KEY_BYTES])
    }

    #[test]
    fn opens_what_it_sealed() {
        let sealed = vault().seal("phone", "+86 138".as_bytes());
        assert_eq!(sealed[0], VERSION);
        assert_eq!(vault().open("phone", &sealed).unwrap(), "+86 138".as_bytes());
        assert_eq!(vault().open_text("phone", &sealed).unwrap().expose_secret(), "+86 138");
        assert_ne!(sealed, vault().seal("phone", "+86 138".as_bytes()), "nonces are never repeated");
    }

    #[test]
    fn refuses_changed_values_other_purposes_and_other_keys() {
        let sealed = vault().seal("phone", b"secret");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault().open("phone", &changed).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(vault().open("phone", &sealed[..length]).is_err(), "length {length}");
        }
        assert!(vault().open("email", &sealed).is_err());
        assert!(Vault::with_key(&[8; KEY_BYTES]).open("phone", &sealed).is_err());
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_root() {
        assert_ne!(vault().mac_key("token"), vault().mac_key("security-token"));
        assert_eq!(vault().mac_key("token"), vault().mac_key("token"));
        assert_ne!(vault().check_value(), Vault::with_key(&[8; KEY_BYTES]).check_value());
    }

    #[test]
    fn creates_the_key_file_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = Vault::load(folder.path(), None).unwrap().check_value();
        let path = folder.path().join(KEY_FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(Vault::load(folder.path(), None).unwrap().check_value(), first);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
        let given = SecretString::from("ab".repeat(32));
        assert_ne!(Vault::load(folder.path(), Some(&given)).unwrap().check_value(), first, "the variable wins");
    }

    #[test]
    fn never_replaces_a_damaged_key_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE);
        for text in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"a".repeat(65)] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(Vault::load(folder.path(), None), Err(VaultError::BadKey(_))), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        let given = SecretString::from("too short");
        assert!(matches!(Vault::load(folder.path(), Some(&given)), Err(VaultError::BadKey(_))));
    }

    #[test]
    fn many_processes_agree_on_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let values: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| Vault::load(folder.path(), None).unwrap().check_value())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(values.iter().all(|value| *value == values[0]));
    }
}
