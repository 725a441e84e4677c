package dev.lanewise.nn.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

class PerceptronTest {
    private static final float[][] CORNERS = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    private long liveBefore;
    private Scope scope;

    @BeforeEach
    void open() {
        liveBefore = Scope.liveBytes();
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(Scope.liveBytes()).isEqualTo(liveBefore);
    }

    /** By hand, from w = 0, b = 0, lr = 1, targets of AND; H(0) = 1. */
    @Test
    void firstPassFollowsTheRule() {
        Perceptron unit = new Perceptron(2);
        int mistakes = unit.learn(scope.of(CORNERS), scope.of(0, 0, 0, 1), 1);
        // (0,0): says 1, b = -1; (0,1) and (1,0): say 0; (1,1): z = -1 says 0, w = (1,1), b = 0
        assertThat(mistakes).isEqualTo(2);
        assertThat(unit.weight().toArray()).containsExactly(1, 1);
        assertThat(unit.bias().toArray()).containsExactly(0);
    }

    @Test
    void learnsWhatALineSeparatesAndNotXor() {
        assertThat(passesUntilRight(0, 0, 0, 1)).isBetween(1, 20);
        assertThat(passesUntilRight(0, 1, 1, 1)).isBetween(1, 20);
        assertThat(passesUntilRight(0, 1, 1, 0)).isEqualTo(1000);
    }

    private int passesUntilRight(float... targets) {
        Perceptron unit = new Perceptron(2);
        Tensor x = scope.of(CORNERS);
        Tensor y = scope.of(targets);
        for (int pass = 0; pass < 1000; pass++) {
            if (unit.learn(x, y, 1) == 0) {
                assertThat(unit.predict(x).toArray()).containsExactly(targets);
                return pass;
            }
        }
        return 1000;
    }

    @Test
    void separatesRandomPointsWithinNovikoffsBound() {
        SplittableRandom random = new SplittableRandom(5);
        int n = 200;
        float[] points = new float[3 * n];
        float[] targets = new float[n];
        double margin = Double.MAX_VALUE;
        double radius = 0;
        for (int i = 0; i < n; ) {
            double a = random.nextDouble(-1, 1);
            double b = random.nextDouble(-1, 1);
            double c = random.nextDouble(-1, 1);
            double distance = (a - 2 * b + 2 * c) / 3;
            if (Math.abs(distance) < 0.1) {
                continue;
            }
            points[3 * i] = (float) a;
            points[3 * i + 1] = (float) b;
            points[3 * i + 2] = (float) c;
            targets[i++] = distance > 0 ? 1 : 0;
            margin = Math.min(margin, Math.abs(distance));
            radius = Math.max(radius, Math.sqrt(a * a + b * b + c * c + 1));
        }
        Perceptron unit = new Perceptron(3);
        Tensor x = scope.of(points, Shape.of(n, 3));
        Tensor y = scope.of(targets);
        int all = 0;
        int mistakes;
        do {
            mistakes = unit.learn(x, y, 1);
            all += mistakes;
        } while (mistakes > 0 && all < 100_000);
        assertThat(unit.predict(x).toArray()).containsExactly(targets);
        assertThat(all).isLessThanOrEqualTo((int) Math.ceil(Math.pow(radius / margin, 2)));
    }

    @Test
    void badShapesAreNamed() {
        Perceptron unit = new Perceptron(2);
        Tensor x = scope.of(CORNERS);
        assertThatThrownBy(() -> unit.predict(scope.zeros(Shape.of(4, 3))))
                .isInstanceOf(ShapeException.class)
                .hasMessage("Perceptron.predict: inputs must be [N, 2], not [4, 3]");
        assertThatThrownBy(() -> unit.learn(x, scope.of(1, 0, 1), 1))
                .isInstanceOf(ShapeException.class)
                .hasMessage("Perceptron.learn: targets [3] for inputs [4, 2]; expected [4]");
        assertThatThrownBy(() -> new Perceptron(0)).hasMessageContaining("at least 1 feature");
    }
}
