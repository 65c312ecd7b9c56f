export const ejabberdIsThere = async () => false;
export const startEjabberd = async (..._: unknown[]): Promise<never> => {
  throw new Error('x');
};
