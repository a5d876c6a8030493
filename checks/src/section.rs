//! The lists of sections of the RFCs: `docs/rfc-sections/rfcNNNN.txt`.

use std::fs;
use std::io;
use std::path::Path;

/// An RFC that the crates say they implement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rfc {
    /// `rfc5321`.
    pub name: String,
    /// Its title, from the first line of the list: `# Simple Mail Transfer Protocol`.
    pub title: String,
    /// Its numbered sections, as they stand in it.
    pub sections: Vec<Section>,
}

/// A line of a list: `4.5.2 | Transparency | no rule: prose`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `4.5.2`.
    pub number: String,
    /// `Transparency`.
    pub title: String,
    /// Why no rule stands in the tree for it; empty where one does.
    pub remark: String,
}

/// The folder of the lists, from the root.
pub const FOLDER: &str = "docs/rfc-sections";

/// Reads the lists, in the order of the RFCs' numbers.
///
/// # Errors
///
/// As reading the files, and says which line cannot be read.
pub fn read(root: &Path) -> io::Result<Vec<Rfc>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(FOLDER))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let rfc = parse(&name, &fs::read_to_string(&path)?);
        found.push(
            rfc.map_err(|line| io::Error::other(format!("{}: cannot be read: {line}", path.display())))?,
        );
    }
    found.sort_by_key(|rfc| rfc.name.trim_start_matches("rfc").parse::<u32>().unwrap_or(u32::MAX));
    Ok(found)
}

/// Writes the list of `rfc`.
///
/// # Errors
///
/// As writing the file.
pub fn write(root: &Path, rfc: &Rfc) -> io::Result<()> {
    fs::write(root.join(FOLDER).join(format!("{}.txt", rfc.name)), text(rfc))
}

/// The error is the line that cannot be read.
fn parse(name: &str, text: &str) -> Result<Rfc, String> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let title = first.strip_prefix("# ").ok_or(first)?.to_owned();
    let sections = rest.lines().map(|line| {
        let fields: Vec<_> = line.split('|').map(str::trim).collect();
        let [number, title, remark] = fields[..] else {
            return Err(line.to_owned());
        };
        Ok(Section { number: number.to_owned(), title: title.to_owned(), remark: remark.to_owned() })
    });
    Ok(Rfc { name: name.to_owned(), title, sections: sections.collect::<Result<_, _>>()? })
}

fn text(rfc: &Rfc) -> String {
    let mut text = format!("# {}\n", rfc.title);
    for Section { number, title, remark } in &rfc.sections {
        text.push_str(format!("{number} | {title} | {remark}").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_as_it_is_read() {
        let list = "# A Protocol\n1 | Introduction | no rule: prose\n1.1 | A Rule |\n";
        let rfc = parse("rfc1", list).unwrap();
        assert_eq!(rfc.title, "A Protocol");
        assert_eq!(rfc.sections[0].remark, "no rule: prose");
        assert_eq!(rfc.sections[1].remark, "");
        assert_eq!(text(&rfc), list);
        assert_eq!(parse("rfc1", "1 | a | b\n"), Err("1 | a | b".to_owned()));
        assert_eq!(parse("rfc1", "# A\n1 | a\n"), Err("1 | a".to_owned()));
    }
}
