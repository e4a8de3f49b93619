//! Cutting chunks and taking what was found for them by AVX-512: what [`chunks`](super::chunks) and [`forms`](super::forms) do elsewhere, by
//! instructions that write the places of the bits of a mask, and part sixteen terms from what is none.

use std::arch::x86_64::*;

use super::chunks::{Block, Classes, FIRST_LETTER, LAST_LOW};
use super::forms::{Kept, LANES, Plain, Taken};
use crate::avx512::{Bytes, WIDTH};

/// [`Block::cut`] by these instructions.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,bmi2,popcnt")]
pub(super) fn cut(block: &mut Block, bytes: &[u8], base: usize) -> usize {
    block.cut_by(
        bytes,
        base,
        |window| classes(window),
        |edges, first, room| places(edges, first, room),
    )
}

#[target_feature(enable = "avx512f,avx512bw")]
fn classes(window: &[u8; WIDTH]) -> Classes {
    let bytes = Bytes::load(window);
    Classes {
        separators: bytes.upto(b'"') | bytes.is(b')') | bytes.is(b',') | bytes.within(b';', b'?'),
        dots: bytes.is(b'.'),
        letters: !bytes.upto(FIRST_LETTER - 1),
        low: bytes.upto(LAST_LOW),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
fn places(edges: u64, first: u16, room: &mut [u16; WIDTH]) -> usize {
    const ALL: [u8; WIDTH] = {
        let mut all = [0; WIDTH];
        let mut place = 0;
        while place < WIDTH {
            all[place] = place as u8;
            place += 1;
        }
        all
    };
    let places = _mm512_maskz_compress_epi8(edges, Bytes::load(&ALL).0);
    let first = _mm512_set1_epi16(first as i16);
    let counted = |half: __m256i| _mm512_add_epi16(_mm512_cvtepu8_epi16(half), first);
    let halves = [_mm512_castsi512_si256(places), _mm512_extracti64x4_epi64::<1>(places)];
    for (half, room) in halves.into_iter().zip(room.chunks_exact_mut(WIDTH / 2)) {
        store(counted(half), room);
    }
    edges.count_ones() as usize
}

/// [`Found::take`](super::forms::Found::take) by these instructions, sixteen forms at once and any number of words.
#[target_feature(enable = "avx512f,avx512dq,bmi1,popcnt")]
pub(super) fn take(plains: &[Plain], kept: &mut Kept) -> Taken {
    // Two bits each, side by side.
    const { assert!(Plain::FUNCTION_WORDS == Plain::WORDS + 2 && Plain::IS_WORD == Plain::WORDS + 4) };
    let mut taken = Taken::default();
    // Words below, function words above.
    let mut words = _mm512_setzero_si512();
    loop {
        let rest = &plains[taken.forms..];
        let sixteen = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut sixteen = [Plain::UNKNOWN; LANES];
            sixteen[..rest.len()].copy_from_slice(rest);
            sixteen
        });
        let bits: __m512i = bytemuck::cast(sixteen.map(Plain::bits));
        let others = _mm512_movepi32_mask(bits);
        let count = (u32::from(others) | 1 << LANES).trailing_zeros();
        let are_taken = ((1u32 << count) - 1) as u16;
        let have_term = _mm512_mask_test_epi32_mask(are_taken, bits, splat_four(1 << Plain::TERM));
        let terms = _mm512_and_si512(bits, splat_four(Plain::TERM_BITS));
        let terms: [u32; LANES] = bytemuck::cast(_mm512_maskz_compress_epi32(have_term, terms));
        kept[taken.terms..][..LANES].copy_from_slice(&terms);
        let both = _mm512_srli_epi32::<{ Plain::WORDS }>(bits);
        let all = _mm512_and_si512(both, splat_four(0b11));
        let function = _mm512_slli_epi32::<14>(_mm512_and_si512(both, splat_four(0b1100)));
        words = _mm512_mask_add_epi32(words, are_taken, words, _mm512_or_si512(all, function));
        taken.forms += count as usize;
        taken.terms += have_term.count_ones() as usize;
        if count < LANES as u32 {
            break;
        }
    }
    let words = _mm512_reduce_add_epi32(words) as usize;
    taken.words = words & 0xFFFF;
    taken.function_words = words >> 16;
    taken
}

#[target_feature(enable = "avx512f")]
fn splat_four(bits: u32) -> __m512i {
    _mm512_set1_epi32(bits as i32)
}

#[target_feature(enable = "avx512f")]
fn store(places: __m512i, room: &mut [u16]) {
    room.copy_from_slice(&bytemuck::cast::<_, [u16; WIDTH / 2]>(places));
}
