//! Reading and writing the files of others: whole or not at all, at the place where they really lie, with their permissions.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file as it was found.
pub(crate) struct Loaded {
    /// Where it really lies, behind links.
    pub real: PathBuf,
    /// What is in it; `None` where it is missing.
    pub text: Option<String>,
    /// Its permissions, where there are such.
    pub mode: Option<u32>,
}

pub(crate) fn load(path: &Path) -> Result<Loaded, Error> {
    let real = real(path);
    let bytes = match fs::read(&real) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Loaded { real, text: None, mode: None }),
        Err(error) => return Err(Error::io(path)(error)),
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = String::from_utf8_lossy(sound).split('\n').count();
        Error::Broken { file: path.to_owned(), line, what: "it is not in UTF-8".to_owned() }
    })?;
    let mode = mode(&real);
    Ok(Loaded { real, text: Some(text), mode })
}

/// Behind links, of which the last may point at what is not there yet.
fn real(path: &Path) -> PathBuf {
    let mut real = path.to_owned();
    // As many as systems follow.
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&real) else { break };
        real = real.parent().map_or_else(|| target.clone(), |parent| parent.join(&target));
    }
    fs::canonicalize(&real).unwrap_or(real)
}

/// Writes beside the place and moves it there, so that nobody ever sees half of it.
pub(crate) fn store(real: &Path, text: &str, mode: Option<u32>) -> Result<(), Error> {
    let folder = real.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".jmem-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        set_mode(file.path(), mode.unwrap_or(0o644))?;
        file.as_file().sync_all()?;
        file.persist(real)?;
        Ok(())
    };
    write().map_err(Error::io(real))
}

/// Makes the folder of a file; the folders that were missing, outermost first.
pub(crate) fn make_folder(file: &Path) -> Result<Vec<PathBuf>, Error> {
    let Some(folder) = file.parent() else { return Ok(Vec::new()) };
    let mut missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    missing.reverse();
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    Ok(missing.into_iter().map(Path::to_owned).collect())
}

/// Where the copy of a file lies that is made before its first change.
pub(crate) fn backup_path(real: &Path) -> PathBuf {
    let mut name = real.file_name().unwrap_or_default().to_owned();
    name.push(".before-jmem");
    real.with_file_name(name)
}

/// Copies the file, unless there is a copy already.
pub(crate) fn back_up(real: &Path) -> Result<PathBuf, Error> {
    let backup = backup_path(real);
    if !backup.exists() {
        fs::copy(real, &backup).map_err(Error::io(&backup))?;
    }
    Ok(backup)
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).ok().map(|data| data.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems can fail here")]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// A fingerprint of a text, to know it again; not against anybody who means harm.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    // FNV-1a: the same in every version of the program, as what is stored must be.
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
