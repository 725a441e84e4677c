package dev.lanewise.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ResultTest {
    @Test
    void numbersArePlain() {
        String line =
                Result.of("xor")
                        .put("accuracy", 0.97f)
                        .put("small", 1.25e-7)
                        .put("large", 123456789.0)
                        .put("zero", 0.0)
                        .put("count", 42)
                        .put("backend", "vector")
                        .toString();
        assertThat(line)
                .isEqualTo(
                        "RESULT sample=xor accuracy=0.97 small=0.000000125 large=123457000 zero=0"
                                + " count=42 backend=vector");
    }

    @Test
    void blanksWouldSplitTheLine() {
        assertThatThrownBy(() -> Result.of("xor").put("key", "two words"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two words");
    }
}
