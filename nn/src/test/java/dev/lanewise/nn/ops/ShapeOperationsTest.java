package dev.lanewise.nn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Views, joins and sums against index arithmetic in double. */
class ShapeOperationsTest extends TensorTest {

    @Test
    void reshapeKeepsRowMajorOrder() {
        OperationCheck.of(new Reshape(Shape.of(3, 4)), in -> in[0])
                .input(Shape.of(2, 6), -1, 1)
                .run();
    }

    @Test
    void permuteMovesAxes() {
        // [2, 3, 4] to [4, 2, 3]
        OperationCheck.of(
                        new Permute(List.of(2, 0, 1)),
                        in -> {
                            double[] y = new double[24];
                            for (int i = 0; i < 2; i++) {
                                for (int j = 0; j < 3; j++) {
                                    for (int k = 0; k < 4; k++) {
                                        y[k * 6 + i * 3 + j] = in[0][i * 12 + j * 4 + k];
                                    }
                                }
                            }
                            return y;
                        })
                .input(Shape.of(2, 3, 4), -1, 1)
                .run();
    }

    @Test
    void expandRepeats() {
        OperationCheck.of(
                        new Expand(Shape.of(2, 3, 4)),
                        in -> {
                            double[] y = new double[24];
                            for (int i = 0; i < 24; i++) {
                                y[i] = in[0][i / 4 % 3];
                            }
                            return y;
                        })
                .input(Shape.of(3, 1), -1, 1)
                .run();
    }

    @Test
    void sliceTakesEveryStep() {
        OperationCheck.of(
                        new Slice(1, 1, 6, 2),
                        in -> {
                            double[] y = new double[9];
                            for (int i = 0; i < 9; i++) {
                                y[i] = in[0][i / 3 * 7 + 1 + i % 3 * 2];
                            }
                            return y;
                        })
                .input(Shape.of(3, 7), -1, 1)
                .run();
    }

    @Test
    void concatJoinsAlongAnAxis() {
        OperationCheck.of(
                        new Concat(1),
                        in -> {
                            double[] y = new double[2 * 5];
                            for (int i = 0; i < 2; i++) {
                                System.arraycopy(in[0], i * 2, y, i * 5, 2);
                                System.arraycopy(in[1], i * 3, y, i * 5 + 2, 3);
                            }
                            return y;
                        })
                .input(Shape.of(2, 2), -1, 1)
                .input(Shape.of(2, 3), -1, 1)
                .run();
    }

    @Test
    void sumOverAxes() {
        OperationCheck.of(
                        new Sum(List.of(0, 2)),
                        in -> {
                            double[] y = new double[3];
                            for (int i = 0; i < 24; i++) {
                                y[i / 4 % 3] += in[0][i];
                            }
                            return y;
                        })
                .input(Shape.of(2, 3, 4), -1, 1)
                .run();
        OperationCheck.of(new Sum(List.of(0, 1)), in -> new double[] {sum(in[0])})
                .input(Shape.of(3, 5), -1, 1)
                .run();
    }

    private static double sum(double[] x) {
        double sum = 0;
        for (double v : x) {
            sum += v;
        }
        return sum;
    }

    @Test
    void meanKeepsDimensionsWhereAsked() {
        Variable x = Variable.of(scope.of(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(2, 3)));
        Variable kept = Functional.mean(x, true, 1);
        assertThat(kept.shape()).isEqualTo(Shape.of(2, 1));
        assertThat(kept.value().toArray()).containsExactly(2, 5);
        assertThat(Functional.mean(x, false, -2).value().toArray())
                .containsExactly(2.5f, 3.5f, 4.5f);
        assertThat(Functional.mean(x).item()).isEqualTo(3.5f);
    }

    @Test
    void wrongShapesAreNamed() {
        Variable x = Variable.of(scope.zeros(Shape.of(2, 3)));
        assertThatThrownBy(() -> Functional.reshape(x, Shape.of(4)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("reshape: element counts differ, 6 and 4: [2, 3] to [4]");
        assertThatThrownBy(() -> Functional.slice(x, 1, 2, 5))
                .hasMessage("slice: range 2 to 5 is not within axis 1 of [2, 3]");
        assertThatThrownBy(() -> Functional.concat(0, x, Variable.of(scope.zeros(Shape.of(2, 4)))))
                .hasMessage("concat: shapes differ outside axis 0: [2, 3] and [2, 4]");
        assertThatThrownBy(() -> Functional.sum(x, false, 2))
                .hasMessage("sum: no axis 2 in [2, 3]");
    }
}
