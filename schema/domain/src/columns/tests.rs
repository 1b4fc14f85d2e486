use super::*;
use proptest::prelude::*;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    writer.finish()
}

proptest! {
    #[test]
    fn numbers_and_columns_come_back(
        number: u64, signed: i64, column in prop::collection::vec((any::<u64>(), 0..64_u32), 0..80), narrow: [u16; 40]
    ) {
        let column: Vec<u64> = column.into_iter().map(|(number, shift)| number >> shift).collect();
        let bytes = written(|writer| {
            writer.number(number);
            writer.column(&column);
            writer.signed(signed);
            writer.column(&narrow);
        });
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.number(), Ok(number));
        prop_assert_eq!(reader.column::<u64>(column.len()), Ok(column));
        prop_assert_eq!(reader.signed(), Ok(signed));
        prop_assert_eq!(reader.column::<u16>(narrow.len()), Ok(narrow.to_vec()));
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn texts_come_back(texts in prop::collection::vec(".{0,30}", 0..20), repeated in ".{0,10}", times in 0..30_usize) {
        let mut texts: Vec<String> = texts;
        texts.extend(vec![repeated; times]);
        let bytes = written(|writer| writer.texts(texts.iter().map(String::as_str)));
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.texts(texts.len()), Ok(texts));
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn broken_bytes_are_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), count in 0..100_usize) {
        let _read = Reader::new(&bytes).number();
        let _read = Reader::new(&bytes).column::<u32>(count);
        let _read = Reader::new(&bytes).texts(count);
        prop_assert!(Reader::new(&bytes).finish().is_ok() == bytes.is_empty());
    }
}

#[test]
fn equal_numbers_take_two_bytes() {
    assert_eq!(written(|writer| writer.column(&[7_u32; 1_000])).len(), 2);
    assert_eq!(written(|writer| writer.column::<u32>(&[])).len(), 0);
}
