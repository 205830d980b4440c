//! Values out of a tree.

use std::{borrow::Cow, sync::Arc};

use litemap::LiteMap;

use crate::{Error, Node};

/// A value that stands in a tree.
pub trait Read: Sized {
    /// Takes it from its node.
    ///
    /// # Errors
    /// When something else stands there.
    fn read(node: &Node<'_>) -> Result<Self, Error>;

    /// What a missing member means; none when it has to be there.
    fn absent() -> Option<Self> {
        None
    }
}

impl<'t> Node<'t> {
    /// A member of an object; none of anything else.
    #[inline(never)]
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Members(members) = self else { return None };
        members.iter().find(|(it, _)| it == name).map(|(_, node)| node)
    }

    /// The value of a member.
    ///
    /// # Errors
    /// When it is missing or does not fit.
    pub fn field<T: Read>(&self, name: &str) -> Result<T, Error> {
        match self.member(name) {
            Some(node) => T::read(node).map_err(|error| error.within(name)),
            None => T::absent().ok_or_else(|| Error::new("is missing").within(name)),
        }
    }

    /// The value of a member, or that of nothing when it is not there.
    ///
    /// # Errors
    /// When it is there and does not fit.
    pub fn field_or_default<T: Read + Default>(&self, name: &str) -> Result<T, Error> {
        Ok(self.field::<Option<T>>(name)?.unwrap_or_default())
    }

    /// The members of an object.
    ///
    /// # Errors
    /// When it is none.
    pub fn members(&self) -> Result<&[(Cow<'t, str>, Self)], Error> {
        match self {
            Self::Members(members) => Ok(members),
            _ => Err(Error::new("not an object")),
        }
    }

    /// Text.
    ///
    /// # Errors
    /// When it is none.
    #[inline(never)]
    pub fn text(&self) -> Result<&str, Error> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(Error::new("not a text")),
        }
    }

    /// A whole number up to `most`.
    ///
    /// # Errors
    /// When it is no such number.
    #[inline(never)]
    pub fn number(&self, most: u64) -> Result<u64, Error> {
        let number = match self {
            Self::Number(text) => text.parse().ok().filter(|number| *number <= most),
            _ => None,
        };
        number.ok_or_else(|| Error::new("not a whole number in its range"))
    }

    /// Which of some names stands here, alone or as the only member of an object, and what the member
    /// holds: how serde writes the variants of an enum.
    ///
    /// # Errors
    /// When it is none of them.
    #[inline(never)]
    pub fn choice(&self, names: &[&str]) -> Result<(usize, &Self), Error> {
        let (name, content) = match self {
            Self::Text(name) => (name, &Node::Null),
            Self::Members(members) => match members.as_slice() {
                [(name, content)] => (name, content),
                _ => return Err(Error::new("not one member alone")),
            },
            _ => return Err(Error::new("not a name")),
        };
        match names.iter().position(|it| it == name) {
            Some(at) => Ok((at, content)),
            None => Err(Error::new("is not known here").within(name)),
        }
    }
}

impl Read for bool {
    #[inline(never)]
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        match node {
            Node::Bool(value) => Ok(*value),
            _ => Err(Error::new("neither true nor false")),
        }
    }
}

impl Read for String {
    #[inline(never)]
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        node.text().map(str::to_owned)
    }
}

macro_rules! numbers {
    ($($kind:ident)*) => {$(
        impl Read for $kind {
            fn read(node: &Node<'_>) -> Result<Self, Error> {
                #[expect(clippy::cast_possible_truncation, reason = "it is at most the type's largest")]
                #[allow(clippy::cast_lossless, reason = "the same for every width")]
                node.number(Self::MAX as u64).map(|number| number as Self)
            }
        }
    )*};
}

numbers!(u8 u16 usize);

impl Read for u64 {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        node.number(Self::MAX)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        match node {
            Node::Null => Ok(None),
            _ => T::read(node).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Arc<T> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        T::read(node).map(Self::new)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        match node {
            Node::List(items) => {
                // `collect` would bring an adapter along for every type.
                let mut values = Self::with_capacity(items.len());
                for item in items {
                    values.push(T::read(item)?);
                }
                Ok(values)
            }
            _ => Err(Error::new("not a list")),
        }
    }
}

/// The writer of these maps writes an empty one as an empty list.
impl<K: Read + Ord, V: Read> Read for LiteMap<K, V> {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        let mut map = Self::new();
        if let Node::List(items) = node
            && items.is_empty()
        {
            return Ok(map);
        }
        for (name, node) in node.members()? {
            let key = Node::Text(Cow::Borrowed(name));
            let entry = K::read(&key).and_then(|key| Ok((key, V::read(node)?)));
            let (key, value) = entry.map_err(|error| error.within(name))?;
            map.insert(key, value);
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests;
