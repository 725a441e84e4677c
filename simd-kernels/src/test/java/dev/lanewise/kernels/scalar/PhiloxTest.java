package dev.lanewise.kernels.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The known-answer vectors of Random123 (kat_vectors, philox4x32 10). */
class PhiloxTest {
    @Test
    void givesTheKnownAnswers() {
        check(
                new int[] {0, 0, 0, 0},
                new int[] {0, 0},
                new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
        check(
                new int[] {-1, -1, -1, -1},
                new int[] {-1, -1},
                new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
        check(
                new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                new int[] {0xa4093822, 0x299f31d0},
                new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
    }

    private static void check(int[] counter, int[] key, int[] expected) {
        long keys = key[0] & 0xFFFFFFFFL | (long) key[1] << 32;
        int[] words = new int[4];
        for (int half = 0; half < 2; half++) {
            long pair = Philox.words(counter[0], counter[1], counter[2], counter[3], keys, half);
            words[2 * half] = (int) pair;
            words[2 * half + 1] = (int) (pair >>> 32);
        }
        assertThat(words).isEqualTo(expected);
    }
}
