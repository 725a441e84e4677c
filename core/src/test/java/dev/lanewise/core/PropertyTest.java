package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.Draw;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class PropertyTest {

    @Test
    void aFailureIsShrunkAndNamesItsSeed() {
        assertThatThrownBy(
                        () ->
                                Property.check(
                                        200,
                                        draw -> {
                                            int a = draw.size(0, 100);
                                            int b = draw.between(3, 50);
                                            if (a >= 7) {
                                                throw new AssertionError(
                                                        "a = %d, b = %d".formatted(a, b));
                                            }
                                        }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a = 7, b = 3")
                .hasMessageContaining("choices [7, 3] after shrinking")
                .hasMessageContaining("-Dlanewise.seed=");
    }

    @Test
    void theSameCasesComeEveryTime() {
        assertThat(sizes()).isEqualTo(sizes()).contains(0, 1, 16, 17);
    }

    private static List<Integer> sizes() {
        List<Integer> sizes = new ArrayList<>();
        Property.check(200, (Draw draw) -> sizes.add(draw.size(0, 40)));
        return sizes;
    }
}
